// SPDX-License-Identifier: Apache-2.0
#include "agent/play.hpp"

#include <time.h>

#include <algorithm>
#include <cerrno>
#include <ktstr/kit/assert.hpp>
#include <utility>

#include "agent/scheduler.hpp"
#include "agent/tasks.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kTick = 100'000'000;
constexpr std::uint64_t kStopMs = 2000;

void sleep_to(std::uint64_t due) {
  const timespec time{static_cast<time_t>(due / 1'000'000'000ULL), static_cast<long>(due % 1'000'000'000ULL)};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
  }
}

}  // namespace

Play::Play(const Spec& spec, Workers& workers, Scheduler* scheduler, GuestTopology topology,
           std::function<void()> tick)
    : scenario_(spec.scenario),
      others_(spec.others),
      workers_(workers),
      scheduler_(scheduler),
      topology_(std::move(topology)),
      random_(spec.seed ^ 0x9e6c63d0876a9a3dULL),
      tick_(std::move(tick)),
      cgroups_(spec.scenario,
               spec.root_cgroup.empty() ? kCgroupRoot : kCgroupRoot + ("/" + spec.root_cgroup)),
      payloads_(spec.scenario, "/run"),
      without_scheduler_(!spec.scheduler) {
  for (const kvm::WorkerSet& set : scenario_.sets) place_.push_back(set.cgroup);
}

std::string Play::end_scheduler() {
  if (std::exchange(without_scheduler_, true)) return {};
  KTSTR_ASSERT(scheduler_ != nullptr);
  return scheduler_->detach();
}

std::string Play::begin_scheduler(std::optional<std::size_t> other) {
  if (!without_scheduler_) return "a scheduler is in force";
  KTSTR_ASSERT(scheduler_ != nullptr);
  if (other) scheduler_->become(others_.at(*other - 1));
  without_scheduler_ = false;  // one that fails to attach is told as such
  return scheduler_->attach() ? std::string() : "the scheduler " + scheduler_->name() + " did not attach";
}

std::string Play::start_set(std::size_t set) {
  std::string error;
  KTSTR_ASSERT(set < scenario_.sets.size());
  const kvm::WorkerSet& wanted = scenario_.sets[set];
  KTSTR_ASSERT(place_.size() == scenario_.sets.size());
  const auto place = [&](pid_t pid, std::uint32_t index, std::string& problem) {
    problem = wanted.cgroup == kvm::kRootCgroup ? std::string() : cgroups_.add(pid, wanted.cgroup);
    if (problem.empty()) problem = set_task_attributes(pid, index, wanted.attributes, topology_, random_);
    return problem.empty();
  };
  workers_.start(set, place, error);
  return error;
}

std::string Play::start_payload(std::size_t payload) {
  KTSTR_ASSERT(payload < scenario_.payloads.size());
  const kvm::Payload& wanted = scenario_.payloads[payload];
  return payloads_.start(payload, [&](pid_t pid) {
    std::string problem =
        wanted.cgroup == kvm::kRootCgroup ? std::string() : cgroups_.add(pid, wanted.cgroup);
    if (problem.empty()) problem = set_task_attributes(pid, 0, wanted.attributes, topology_, random_);
    return problem;
  });
}

std::string Play::await_payload(std::size_t payload, std::uint64_t timeout_ms) {
  const std::uint64_t end = now_ns() + timeout_ms * kMillisecond;
  while (payloads_.running(payload)) {
    if (now_ns() >= end)
      return "payload " + scenario_.payloads[payload].name + " had not ended after " +
             std::to_string(timeout_ms) + " ms";
    sleep_to(std::min(now_ns() + 2 * kMillisecond, end));
    tick_();
    if (!in_charge()) return {};  // which run() finds out by itself
  }
  return {};
}

std::string Play::set_up() {
  for (std::size_t c = 0; c < scenario_.cgroups.size(); ++c) {
    if (!scenario_.cgroups[c].at_start) continue;
    if (std::string error = cgroups_.make(c); !error.empty()) return error;
  }
  for (std::size_t s = 0; s < scenario_.sets.size(); ++s) {
    if (!scenario_.sets[s].at_start) continue;
    if (std::string error = start_set(s); !error.empty()) return error;
  }
  return {};
}

std::vector<std::size_t> Play::sets_in(std::size_t cgroup) const {
  std::vector<std::size_t> sets;
  for (std::size_t s = 0; s < place_.size(); ++s) {
    if (place_[s] == cgroup && workers_.started(s)) sets.push_back(s);
  }
  return sets;
}

void Play::move_sets(std::size_t from, std::size_t to) {
  std::replace(place_.begin(), place_.end(), from, to);
}

void Play::stop_cgroup(std::size_t cgroup) {
  for (const std::size_t set : sets_in(cgroup)) workers_.stop(set, kStopMs);
}

std::string Play::set_tasks(std::size_t cgroup, const kvm::Values& attributes) {
  for (const std::size_t set : sets_in(cgroup)) {
    for (const auto& [pid, index] : workers_.running(set)) {
      std::string error = set_task_attributes(pid, index, attributes, topology_, random_);
      if (!error.empty()) return error;
    }
  }
  return {};
}

void Play::mark(std::string label) {
  Mark mark{now_ns(), std::move(label), {}, read_counters()};
  for (std::size_t s = 0; s < scenario_.sets.size(); ++s) mark.sets.push_back(workers_.progress(s));
  KTSTR_ASSERT(mark.sets.size() == scenario_.sets.size() &&
               (marks_.empty() || marks_.back().at_ns <= mark.at_ns));
  marks_.push_back(std::move(mark));
}

bool Play::in_charge() { return scheduler_ == nullptr || without_scheduler_ || scheduler_->still_attached(); }

/// Not more than the result has room for.
void Play::pulse() {
  constexpr std::size_t kMostNumbers = 50'000;
  const std::uint64_t now = now_ns();
  if (!pulses_.empty() && now < pulses_.back().at_ns + kTick) return;
  if ((pulses_.size() + 1) * (scenario_.sets.size() + 1) > kMostNumbers) return;
  Pulse pulse{now, {}};
  for (std::size_t s = 0; s < scenario_.sets.size(); ++s) pulse.rounds.push_back(workers_.rounds(s));
  pulses_.push_back(std::move(pulse));
}

bool Play::wait_until(std::uint64_t due_ns) {
  std::uint64_t step = kTick;
  for (std::uint64_t next = now_ns() + step;; next += step) {
    sleep_to(std::min(next, due_ns));
    tick_();
    payloads_.look();
    pulse();
    if (!in_charge()) return false;
    if (now_ns() >= due_ns) return true;
    step = scheduler_ != nullptr && scheduler_->trim_output() ? kTick / 10 : kTick;
  }
}

std::string Play::operate(const kvm::Step& step, std::size_t index) {
  for (const kvm::Operation& operation : step.operations) {
    const std::string error = carry_out(*this, operation);
    if (!error.empty())
      return "step " + std::to_string(index + 1) + " (" + step.label + "), " +
             std::string(operation.type->name) + ": " + error;
  }
  return {};
}

bool Play::take_step(const kvm::Step& step, std::size_t index, std::string& problem) {
  const std::uint64_t end = now_ns() + step.hold_us * kMicrosecond;
  mark(step.label);
  std::uint64_t round = now_ns();
  do {
    if (problem = operate(step, index); !problem.empty()) return false;
    if (step.every_us == 0) break;
    round += step.every_us * kMicrosecond;
    if (!wait_until(std::min(round, end))) return false;
  } while (now_ns() < end);
  return wait_until(end);
}

bool Play::run(std::string& problem) {
  start_ns_ = now_ns();
  for (std::size_t s = 0; s < scenario_.sets.size(); ++s) {
    if (workers_.started(s)) workers_.release(s);
  }
  pulse();
  bool went_well = true;
  for (std::size_t p = 0; p < scenario_.payloads.size() && went_well; ++p) {
    if (scenario_.payloads[p].at_start) went_well = (problem = start_payload(p)).empty();
  }
  if (scenario_.steps.empty()) mark("");
  for (std::size_t i = 0; i < scenario_.steps.size() && went_well; ++i)
    went_well = take_step(scenario_.steps[i], i, problem);
  const std::uint64_t end = start_ns_ + scenario_.duration_ms * kMillisecond;
  if (went_well) went_well = wait_until(end);
  end_ns_ = now_ns();
  mark("");
  payloads_.stop_all();
  KTSTR_ASSERT(!marks_.empty() && start_ns_ <= end_ns_);
  return went_well;
}

}  // namespace ktstr::agent
