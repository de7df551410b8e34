// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "machine/files.hpp"

namespace ktstr::kvm {

/// On which CPUs a child runs and before whom.
enum class Placement {
  kAnywhere,
  /// All its threads on one CPU and in real-time order (SCHED_RR) where that is permitted, see
  /// calm_main_thread.
  kOneCpu,
};

/// A child process that cannot outlive this one: it is killed by the destructor, and by the kernel if this
/// thread's process dies.
class Child {
 public:
  /// Starts argv[0] (searched in PATH) with stdin from /dev/null and stdout and stderr appended to `output`;
  /// it keeps the descriptors `inherited`. Throws FileError.
  Child(const std::vector<std::string>& argv, const std::filesystem::path& output,
        Placement placement = Placement::kAnywhere, const std::vector<int>& inherited = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Waits up to `time`; true once the process has ended.
  bool wait_for(std::chrono::milliseconds time);
  void kill();  ///< SIGKILL and reap
  /// For kOneCpu, once the child has made its threads: puts the main thread behind all others, so that it
  /// runs only while they sleep, also while the kernel holds real-time threads back for ordinary ones. False
  /// when the child was not permitted real-time order.
  bool calm_main_thread();

  bool ended() const { return ended_; }
  int exit_status() const {
    return exit_status_;
  }  ///< valid when ended and signal() is 0; -1 when nobody can tell any more
  int signal() const { return signal_; }  ///< the signal that ended it, or 0
  pid_t pid() const { return pid_; }
  std::chrono::nanoseconds cpu_time() const { return cpu_time_; }  ///< of the whole process; valid when ended

 private:
  void reap(int options);

  pid_t pid_ = -1;
  kit::Fd pidfd_;
  bool ended_ = false;
  int exit_status_ = 0, signal_ = 0;
  std::chrono::nanoseconds cpu_time_{};
};

/// Thrown where a wait ended because the user asked to stop.
struct Cancelled {};

/// Runs a short command to its end; its combined output, or FileError when it cannot be started, fails or
/// takes longer than `limit`. Throws Cancelled when `cancel` is set first.
std::string run_command(const std::vector<std::string>& argv, std::chrono::milliseconds limit,
                        const std::atomic<bool>& cancel);

}  // namespace ktstr::kvm
