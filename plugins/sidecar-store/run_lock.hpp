// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <functional>
#include <ktstr/kit/lock.hpp>
#include <string>

namespace ktstr::fs_store {

/// The exclusive advisory lock of one run key, held for as long as the object lives.
class RunLock {
 public:
  /// Waits up to `patience`, asking `cancelled` in between; then throws ktstr::sdk::Error (KTSTR_CONFLICT)
  /// with the holders' pids and commands.
  RunLock(const std::string& path, std::chrono::milliseconds patience,
          const std::function<bool()>& cancelled);

 private:
  kit::HeldLock lock_;
};

}  // namespace ktstr::fs_store
