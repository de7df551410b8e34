// SPDX-License-Identifier: Apache-2.0
//
// What the host sees of a guest by itself while it runs. The mailbox is the guest's to write, but when the
// host looked at it, and how much CPU time QEMU took, is not.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "machine/host_share.hpp"
#include "protocol/mailbox.hpp"

namespace ktstr::kvm {

struct Observation {
  using Duration = std::chrono::nanoseconds;
  Duration scenario_at_most{};   ///< from the last look before the scenario to the first one after it; 0:
                                 ///< nothing was observed
  Duration scenario_at_least{};  ///< between looks that all found it running
  Duration cpu_time{};           ///< of the whole QEMU process; 0: unknown
  HostShare scenario;            ///< of its threads, about while the scenario ran; zero: unknown
  std::uint64_t heartbeats = 0;  ///< of the whole run
  std::string disorder;          ///< how the stages went against their order, once; empty: they did not
};

/// Collects an Observation from looks at the mailbox. However seldom the looks come on a busy host, the
/// bounds hold.
class Observer {
 public:
  using Clock = std::chrono::steady_clock;

  /// `begin`: some moment before the guest could run.
  explicit Observer(Clock::time_point begin) : not_yet_(begin) {}

  /// `before` was read from the clock before stage and heartbeat were read from the mailbox, `after`
  /// afterwards.
  void look(Stage stage, std::uint64_t heartbeat, Clock::time_point before, Clock::time_point after);
  Observation finish(std::chrono::nanoseconds cpu_time) const;

 private:
  Stage seen_ = Stage::kNone;
  std::string disorder_;
  bool ran_ = false, over_ = false;
  std::uint64_t heartbeats_ = 0;
  Clock::time_point not_yet_, first_running_{}, last_running_{}, over_at_{};
};

const char* stage_name(Stage stage);  ///< "scenario_started"; "unknown" for what no stage has

}  // namespace ktstr::kvm
