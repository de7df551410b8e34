// SPDX-License-Identifier: Apache-2.0
//
// JSON as a Result.
#pragma once
#include <boost/json.hpp>
#include <ktstr/kit/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// What `read()` returns; a Mistake is an error of usage.
template <typename Read>
auto checked(Read&& read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const kit::Mistake& mistake) {
    return usage_error(mistake.message(), mistake.hint());
  }
}

/// kit::read_json() as a Result.
Result<json::value> parse_json(std::string_view text, std::string_view what,
                               const kit::JsonRules& rules = {});

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

}  // namespace ktstr
