// SPDX-License-Identifier: Apache-2.0
//
// The one place where the host reads and prints JSON.
#pragma once
#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

namespace json = boost::json;

struct JsonOptions {
  bool relaxed =
      false;  ///< comments and trailing commas, for files that people write; duplicate keys are an error then
  unsigned max_depth = 64;
};

/// Parses a whole text. The error says line and column; `what` names the text ("ktstr.json") in it.
Result<json::value> parse_json(std::string_view text, const std::string& what, JsonOptions options = {});

/// Prints with numbers in their shortest exact form ("1.5", "3.0"), never "NaN": a number that is not finite
/// becomes null. Keys stay in their order. `indent` 0: one line.
std::string to_text(const json::value& value, unsigned indent = 2);

/// A reader of one object that knows where it is: "ktstr.json: gates[1].use: expected a string, found a
/// number".
class ObjectReader {
 public:
  ObjectReader(const json::object& object, std::string where) : object_(object), where_(std::move(where)) {}

  /// Fails on the first key that is not in `known`, with a suggestion.
  Status only(const std::vector<std::string>& known) const;
  const json::value* find(std::string_view key) const {
    return object_.if_contains({key.data(), key.size()});
  }
  Result<std::string> text(std::string_view key, std::string fallback = {}) const;
  Result<std::vector<std::string>> texts(std::string_view key) const;
  std::string where(std::string_view key) const {
    return where_ + (where_.ends_with(": ") ? "" : ".") + std::string(key);
  }

 private:
  const json::object& object_;
  std::string where_;
};

/// "an object", "a string", … for messages.
std::string kind_name(const json::value& value);

}  // namespace ktstr
