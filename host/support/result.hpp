// SPDX-License-Identifier: Apache-2.0
//
// Expected failures are values: Result<T> holds a T or an Error. Exceptions are for bugs and for memory
// running out.
#pragma once
#include <ktstr/kit/result.hpp>
#include <string>
#include <utility>

#include "support/exit_code.hpp"

namespace ktstr {

/// One line that names the thing, and the fix. No trailing period in `message`; `hint` may be empty.
struct Error {
  ExitCode code = ExitCode::kPlugin;
  std::string message;
  std::string hint;
};

inline Error usage_error(std::string message, std::string hint = {}) {
  return {ExitCode::kUsage, std::move(message), std::move(hint)};
}
inline Error environment_error(std::string message, std::string hint = {}) {
  return {ExitCode::kEnvironment, std::move(message), std::move(hint)};
}
inline Error plugin_error(std::string message, std::string hint = {}) {
  return {ExitCode::kPlugin, std::move(message), std::move(hint)};
}

/// The error, said of `who` ("gate welch") where its message does not say so itself.
inline Error named(Error error, const std::string& who) {
  if (error.message.find(who) == std::string::npos) error.message = who + ": " + error.message;
  return error;
}

/// A failure of kit, its subject escaped. Without a hint: what helps against its errno anywhere.
Error to_error(const kit::Failure& failure, std::string hint = {}, ExitCode code = ExitCode::kPlugin);

template <typename T>
using Result = kit::Either<T, Error>;

/// Success without a value.
struct Ok {};
using Status = Result<Ok>;

}  // namespace ktstr
