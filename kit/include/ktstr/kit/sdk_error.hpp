// SPDX-License-Identifier: Apache-2.0
//
// For plugins: failures of kit as the errors that cross the ABI. The only header of kit that knows the SDK.
#pragma once
#include <ktstr/cpp/error.hpp>
#include <utility>

#include "ktstr/kit/result.hpp"

namespace ktstr::kit {

/// `hint`, or what helps against the failure's errno when it is empty.
inline sdk::Error sdk_error(const Failure& failure, std::string hint = {}) {
  if (hint.empty()) hint = hint_for(failure.error);
  const bool cancelled = failure.kind == Failure::Kind::kCancelled;
  return {cancelled ? KTSTR_CANCELLED : KTSTR_IO, failure.message(), std::move(hint)};
}

}  // namespace ktstr::kit
