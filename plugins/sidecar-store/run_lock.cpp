// SPDX-License-Identifier: Apache-2.0
#include "run_lock.hpp"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <ktstr/cpp/error.hpp>
#include <thread>

#include "durable_file.hpp"

namespace ktstr::fs_store {

RunLock::RunLock(const std::string& path, std::chrono::milliseconds patience,
                 const std::function<bool()>& cancelled) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!(lock_ = HeldLock::try_take(path, O_RDWR | O_CREAT))) {
    const int error = errno;
    if (error != EWOULDBLOCK && error != EINTR) {
      throw sdk::Error(KTSTR_IO, "cannot lock " + path + ": " + std::strerror(error), hint_of(error));
    }
    if (cancelled()) throw sdk::Error(KTSTR_CANCELLED, "stopped while waiting for the lock " + path);
    if (std::chrono::steady_clock::now() >= end) {
      const std::string who = lock_holders(path);
      throw sdk::Error(KTSTR_CONFLICT,
                       "the lock " + path + " is held by " + (who.empty() ? "another process" : who) +
                           " for " + std::to_string(patience.count() / 1000) + " s",
                       "wait for that process, or end it; it writes the same run");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace ktstr::fs_store
