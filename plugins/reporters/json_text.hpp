// SPDX-License-Identifier: Apache-2.0
//
// JSON text with numbers in their shortest exact form; a number that is not finite is null, invalid UTF-8
// becomes U+FFFD.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace ktstr::reporters {

namespace json = boost::json;

/// `indent` 0: one line.
std::string to_text(const json::value& value, unsigned indent);

/// Parses an object that the host sent; anything else is an empty object.
json::object parse_object(std::string_view text);

}  // namespace ktstr::reporters
