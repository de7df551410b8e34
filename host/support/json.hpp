// SPDX-License-Identifier: Apache-2.0
//
// JSON as a Result; what its objects hold is read with ktstr/kit/json_reader.hpp.
#pragma once
#include <boost/json.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "support/result.hpp"

namespace ktstr {

/// What `read()` returns, or Ok; a Mistake is an error.
template <typename Read>
auto checked(Read&& read, ExitCode code = ExitCode::kUsage) {
  using Value = decltype(read());
  using Found = std::conditional_t<std::is_void_v<Value>, Ok, Value>;
  try {
    if constexpr (std::is_void_v<Value>) {
      read();
      return Result<Found>(Ok{});
    } else {
      return Result<Found>(read());
    }
  } catch (const kit::Mistake& mistake) {
    return Result<Found>(Error{code, mistake.message(), mistake.hint()});
  }
}

/// The other way, for readers that throw: the value, or the error as a Mistake.
template <typename T>
T or_mistake(Result<T> result) {
  if (!result) throw kit::Mistake(result.error().message, result.error().hint);
  return *std::move(result);
}

/// kit::read_json() as a Result.
Result<json::value> parse_json(std::string_view text, std::string_view what,
                               const kit::JsonRules& rules = {});

/// What `read(const Located&)` makes of a whole text, which messages call `what`.
template <typename Read>
auto read_document(std::string_view text, const std::string& what, const kit::JsonRules& rules, ExitCode code,
                   Read&& read) {
  return checked(
      [&] {
        const json::value document = kit::read_json(text, what, rules);
        return read(Located{&document, what});
      },
      code);
}

}  // namespace ktstr
