// SPDX-License-Identifier: Apache-2.0
#include "run_lock.hpp"

#include <fcntl.h>

#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/lock.hpp>

#include "durable_file.hpp"

namespace ktstr::fs_store {

RunLock::RunLock(const std::string& path, std::chrono::milliseconds patience,
                 const std::function<bool()>& cancelled) {
  const auto end = std::chrono::steady_clock::now() + patience;
  bool stop = false, late = false;
  lock_ = kit::HeldLock::wait(path, O_RDWR | O_CREAT, kit::HeldLock::Kind::kExclusive,
                              std::chrono::milliseconds(20), [&] {
                                stop = cancelled();
                                late = std::chrono::steady_clock::now() >= end;
                                return stop || late;
                              });
  if (lock_) return;
  if (stop) throw sdk::Error(KTSTR_CANCELLED, "stopped while waiting for the lock " + path);
  if (!late) fail("cannot lock", path);
  const std::string who = kit::lock_holders(path);
  throw sdk::Error(KTSTR_CONFLICT,
                   "the lock " + path + " is held by " + (who.empty() ? "another process" : who) + " for " +
                       std::to_string(patience.count() / 1000) + " s",
                   "wait for that process, or end it; it writes the same run");
}

}  // namespace ktstr::fs_store
