// SPDX-License-Identifier: Apache-2.0
#include "support/json.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

namespace ktstr {

Result<json::value> parse_json(std::string_view text, std::string_view what, const kit::JsonRules& rules) {
  return checked([&] { return kit::read_json(text, what, rules); });
}

Status ObjectReader::only(const std::vector<std::string>& known) const {
  for (const json::key_value_pair& entry : object_) {
    const std::string key(entry.key());
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return usage_error(where(printable(key)) + ": unknown key" + suggestion(key, known),
                         "known keys: " + join(known, ", "));
    }
  }
  return Ok{};
}

Result<std::string> ObjectReader::text(std::string_view key, std::string fallback) const {
  const json::value* value = find(key);
  if (value == nullptr) return fallback;
  if (!value->is_string()) return usage_error(where(key) + ": expected a string, found " + kind_name(*value));
  return std::string(value->get_string());
}

Result<std::vector<std::string>> ObjectReader::texts(std::string_view key) const {
  std::vector<std::string> out;
  const json::value* value = find(key);
  if (value == nullptr) return out;
  if (!value->is_array())
    return usage_error(where(key) + ": expected an array of strings, found " + kind_name(*value));
  for (const json::value& element : value->get_array()) {
    if (!element.is_string())
      return usage_error(where(key) + "[" + std::to_string(out.size()) + "]: expected a string, found " +
                         kind_name(element));
    out.emplace_back(element.get_string());
  }
  return out;
}

}  // namespace ktstr
