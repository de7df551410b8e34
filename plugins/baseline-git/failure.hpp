// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cerrno>
#include <ktstr/kit/fd.hpp>
#include <ktstr/kit/sdk_error.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace ktstr::git {

/// Throws what errno says.
[[noreturn]] inline void fail(const std::string& what) {
  const int error = errno;
  throw sdk::Error(KTSTR_IO, what + ": " + std::generic_category().message(error), kit::hint_for(error));
}

inline void write_all(int fd, std::string_view bytes, const std::string& what) {
  if (!kit::write_all(fd, bytes)) fail("cannot write " + what);
}

}  // namespace ktstr::git
