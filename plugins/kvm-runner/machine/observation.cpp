// SPDX-License-Identifier: Apache-2.0
#include "machine/observation.hpp"

#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {

const char* stage_name(Stage stage) {
  switch (stage) {
    case Stage::kNone: return "none";
    case Stage::kBooted: return "booted";
    case Stage::kReady: return "ready";
    case Stage::kSpecRead: return "spec_read";
    case Stage::kSchedulerStarting: return "scheduler_starting";
    case Stage::kSchedulerAttached: return "scheduler_attached";
    case Stage::kScenarioStarted: return "scenario_started";
    case Stage::kScenarioFinished: return "scenario_finished";
    case Stage::kDone: return "done";
  }
  return "unknown";
}

void Observer::look(Stage stage, std::uint64_t heartbeat, Clock::time_point before, Clock::time_point after) {
  KTSTR_ASSERT(before <= after);
  if (stage < seen_ && disorder_.empty()) {
    disorder_ = std::string("the guest went back from ") + stage_name(seen_) + " to " + stage_name(stage);
  }
  if (heartbeat < heartbeats_ && disorder_.empty()) disorder_ = "the guest's heartbeats were set back";
  heartbeats_ = heartbeat;
  if (stage > seen_) seen_ = stage;
  if (seen_ < Stage::kScenarioStarted) not_yet_ = before;
  if (seen_ == Stage::kScenarioStarted) {
    if (!ran_) first_running_ = after;
    ran_ = true;
    last_running_ = before;
  } else if (seen_ > Stage::kScenarioStarted && !over_) {
    over_ = true;
    over_at_ = after;
    KTSTR_ASSERT(not_yet_ <= over_at_ && (!ran_ || last_running_ <= over_at_));
  }
}

Observation Observer::finish(std::chrono::nanoseconds cpu_time) const {
  Observation seen;
  seen.disorder = disorder_;
  seen.heartbeats = heartbeats_;
  seen.cpu_time = cpu_time;
  if (over_) seen.scenario_at_most = over_at_ - not_yet_;
  if (ran_ && last_running_ > first_running_) seen.scenario_at_least = last_running_ - first_running_;
  KTSTR_ASSERT(!over_ || seen.scenario_at_most >= seen.scenario_at_least);
  return seen;
}

}  // namespace ktstr::kvm
