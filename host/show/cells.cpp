// SPDX-License-Identifier: Apache-2.0
#include "show/cells.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {

json::string owned(std::string_view text) { return json::string(text.data(), text.size()); }

json::value or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(owned(text));
}

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

}  // namespace ktstr
