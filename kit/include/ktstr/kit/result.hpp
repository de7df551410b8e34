// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, as a value, in words that neither know who asks nor end up in an exit code by themselves:
// the host makes an Error of it, a plugin an sdk::Error (ktstr/kit/sdk_error.hpp).
#pragma once
#include <cerrno>
#include <string>
#include <utility>
#include <variant>

namespace ktstr::kit {

struct Failure {
  enum class Kind {
    kInvalid,     ///< the thing is of another kind than asked for
    kSystem,      ///< a system call failed: `error` tells why
    kLimit,       ///< larger than was allowed
    kNotStarted,  ///< a program could not be started; `error` may be 0
    kTimeout,     ///< it took longer than was allowed
    kCancelled,   ///< the caller asked to stop
    kLost,        ///< how it ended cannot be told
  };
  Kind kind = Kind::kSystem;
  std::string what;     ///< "cannot read"; may be empty
  std::string subject;  ///< a path or a program, as it is: escape it before it is shown
  std::string reason;   ///< "not a regular file"
  int error = 0;        ///< errno, where there is one

  /// "WHAT SUBJECT: REASON", or "SUBJECT REASON" without a `what`; `shown` stands for the subject.
  std::string message(const std::string& shown) const {
    return what.empty() ? shown + " " + reason : what + " " + shown + ": " + reason;
  }
  std::string message() const { return message(subject); }
};

/// Of a system call that just failed.
Failure system_failure(std::string what, std::string subject, int error = errno);

/// What helps against this errno wherever it happens; empty when that depends on the place.
std::string hint_for(int error);

/// A T, or the E that says why there is none.
template <typename T, typename E>
class [[nodiscard]] Either {
 public:
  Either(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Either(E error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const E& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

template <typename T>
using Outcome = Either<T, Failure>;

/// Success without a value.
struct Nothing {};
using Done = Outcome<Nothing>;

}  // namespace ktstr::kit
