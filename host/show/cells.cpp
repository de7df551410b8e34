// SPDX-License-Identifier: Apache-2.0
#include "show/cells.hpp"

#include <cstdio>
#include <ktstr/kit/text.hpp>

namespace ktstr {

std::string fixed(double value, int digits) {
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

json::string owned(std::string_view text) { return json::string(text.data(), text.size()); }

json::value or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(owned(text));
}

json::value or_null(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : printable(text); }

}  // namespace ktstr
