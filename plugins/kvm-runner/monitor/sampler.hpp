// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <ktstr/kit/mutex.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "machine/mailbox_view.hpp"
#include "monitor/run_queues.hpp"
#include "monitor/sample_stops.hpp"

namespace ktstr::kvm {

/// CPU time of QEMU's virtual CPUs, which run in threads of their own.
class VcpuTimes {
 public:
  VcpuTimes() = default;
  VcpuTimes(pid_t process, std::vector<pid_t> threads) : process_(process), threads_(std::move(threads)) {}
  std::optional<std::uint64_t> of(std::size_t cpu) const;

 private:
  pid_t process_ = -1;
  std::vector<pid_t> threads_;  ///< by CPU
};

/// Samples the run queues of one guest while its scenario runs, on a thread of its own. Without stops it does
/// so every 100 ms by the host's clock, otherwise whenever the guest stops for it, by the guest's.
class Sampler {
 public:
  static constexpr std::chrono::milliseconds kPeriod{100};

  /// What is referred to must outlive this. `stops` may be null. Throws FileError.
  Sampler(const GuestMemory& memory, const MailboxView& mailbox, std::uint32_t cpus, VcpuTimes times,
          std::unique_ptr<SampleStops> stops);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  void stage(Stage stage);  ///< the guest has come this far
  MonitorReport finish();   ///< once it has ended

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void sample_by_stops();
  void sample_by_clock();
  void take(std::uint64_t at_ns);
  bool find_queues();
  /// Waits for the guest to come so far or for that time; false when the guest has ended.
  bool wait_for(Stage stage, Clock::time_point due);

  GuestRam ram_;
  const MailboxView& mailbox_;
  std::uint32_t cpus_;
  VcpuTimes times_;
  std::unique_ptr<SampleStops> stops_;
  std::optional<RunQueues> queues_;
  std::optional<Reading> last_;  ///< the last valid one
  MonitorReport report_;         ///< the thread's until it has ended

  kit::Mutex mutex_;
  kit::Condition changed_;
  Stage stage_ KTSTR_GUARDED_BY(mutex_) = Stage::kNone;
  bool over_ KTSTR_GUARDED_BY(mutex_) = false;
  std::thread thread_;  ///< the last: it uses all others
};

}  // namespace ktstr::kvm
