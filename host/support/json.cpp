// SPDX-License-Identifier: Apache-2.0
#include "support/json.hpp"

namespace ktstr {

Result<json::value> parse_json(std::string_view text, std::string_view what, const kit::JsonRules& rules) {
  return checked([&] { return kit::read_json(text, what, rules); });
}

}  // namespace ktstr
