// SPDX-License-Identifier: Apache-2.0
//
// Small writings that tables and documents share. Pure.
#pragma once
#include <ktstr/kit/numbers.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "support/json.hpp"

namespace ktstr {

/// "12.5" with one digit behind the point.
inline std::string one_decimal(double value) { return fixed(value, 1); }

json::string owned(std::string_view text);
/// Null for an empty text, and for no number.
json::value or_null(std::string_view text);
json::value or_null(const std::optional<double>& value);
/// "-" for an empty text, else the text as it may be shown.
std::string or_dash(const std::string& text);

}  // namespace ktstr
