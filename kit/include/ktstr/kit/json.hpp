// SPDX-License-Identifier: Apache-2.0
//
// JSON as ktstr reads and prints it, with Boost.JSON's values: doubles that are exact both ways, and nothing
// in the output that a terminal obeys.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "ktstr/kit/mistake.hpp"

namespace ktstr::kit {

namespace json = boost::json;

struct JsonRules {
  bool relaxed = false;      ///< comments and trailing commas, for files that people write
  bool unique_keys = false;  ///< a key that stands twice in one object is a mistake; else the last one counts
  unsigned max_depth = 64;
  std::size_t max_bytes = SIZE_MAX;
  json::storage_ptr memory = {};  ///< where the values live
};
/// For what people write.
inline constexpr unsigned kPeoplesDepth = 32;
JsonRules for_people();

/// The value that a whole text is. Every number is read to the nearest double (Boost 1.81 by itself may be a
/// bit off in the last place), and no exponent is too large. Throws a Mistake with line and column (in bytes,
/// from 1) that names the text by `what`.
json::value read_json(std::string_view text, std::string_view what, const JsonRules& rules = {});
/// The same for text of ours that needs no message: what is damaged or no object is an empty one.
json::object object_or_empty(std::string_view text);

/// Prints with numbers in their shortest exact form ("1.5", "3.0"), never "NaN": a number that is not finite
/// becomes null. Keys stay in their order. Each item on a line of its own but for arrays of plain values.
/// `indent` 0: one line, without a blank.
std::string to_text(const json::value& value, unsigned indent = 2);

/// "an object", "a string", … for messages.
std::string kind_name(const json::value& value);
/// The value itself where it is short: "3", "\"text\"", "an array of 2", … for messages.
std::string found_text(const json::value& value);

}  // namespace ktstr::kit

namespace ktstr {  // whose own code needs no prefix
namespace json = boost::json;
using kit::kind_name;
using kit::to_text;
}  // namespace ktstr
