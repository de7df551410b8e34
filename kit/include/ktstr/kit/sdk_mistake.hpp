// SPDX-License-Identifier: Apache-2.0
//
// For plugins: mistakes in what people wrote as errors that cross the ABI.
#pragma once
#include <ktstr/cpp/error.hpp>
#include <utility>

#include "ktstr/kit/mistake.hpp"

namespace ktstr::kit {

/// What `read()` returns; its Mistake becomes an sdk::Error(KTSTR_INVALID_ARGUMENT).
template <typename Read>
decltype(auto) refusing_mistakes(Read&& read) {
  try {
    return std::forward<Read>(read)();
  } catch (const Mistake& mistake) {
    throw sdk::Error(KTSTR_INVALID_ARGUMENT, mistake.message(), mistake.hint());
  }
}

}  // namespace ktstr::kit
