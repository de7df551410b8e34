// SPDX-License-Identifier: Apache-2.0
#include "explore/places.hpp"

#include <ktstr/kit/text.hpp>

namespace ktstr {

std::vector<json::value*> values_at(json::value& document, std::string_view pattern) {
  std::vector<json::value*> found{&document};
  if (pattern.empty()) return found;
  for (const std::string& step : split(pattern, '/')) {
    std::vector<json::value*> next;
    for (json::value* value : found) {
      if (step == "*" && value->is_array()) {
        for (json::value& item : value->get_array()) next.push_back(&item);
      } else if (step != "*" && value->is_object()) {
        if (json::value* member = value->get_object().if_contains(step)) next.push_back(member);
      }
    }
    found = std::move(next);
  }
  return found;
}

std::vector<const json::value*> values_at(const json::value& document, std::string_view pattern) {
  // Nothing is changed through what comes back.
  const auto found = values_at(const_cast<json::value&>(document), pattern);
  return {found.begin(), found.end()};
}

}  // namespace ktstr
