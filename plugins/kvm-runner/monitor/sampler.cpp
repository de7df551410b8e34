// SPDX-License-Identifier: Apache-2.0
#include "monitor/sampler.hpp"

#include <pthread.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "machine/files.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::chrono::milliseconds kLongestWait{50};  // of a wait

constexpr int kBeforeQemu = 3;  // whose threads have 2 and 1

/// While a guest in virtual time waits for it, this thread goes before all that have its CPU in real-time
/// order, QEMU first. Where that is not permitted, stops may take long on a busy host, and are as exact.
void hurry() {
  sched_param parameter{};
  parameter.sched_priority = kBeforeQemu;
  ::pthread_setschedparam(::pthread_self(), SCHED_RR, &parameter);
}

}  // namespace

std::optional<std::uint64_t> VcpuTimes::of(std::size_t cpu) const {
  if (cpu >= threads_.size()) return std::nullopt;
  const auto text = kit::read_file(
      "/proc/" + std::to_string(process_) + "/task/" + std::to_string(threads_[cpu]) + "/schedstat", 128);
  std::uint64_t ran = 0;
  return text && std::sscanf(text->c_str(), "%" SCNu64, &ran) == 1 ? std::optional(ran) : std::nullopt;
}

Sampler::Sampler(const GuestMemory& memory, const MailboxView& mailbox, std::uint32_t cpus, VcpuTimes times,
                 std::unique_ptr<SampleStops> stops)
    : ram_(memory),
      mailbox_(mailbox),
      cpus_(cpus),
      times_(std::move(times)),
      stops_(std::move(stops)),
      thread_([this] { run(); }) {}

Sampler::~Sampler() {
  if (thread_.joinable()) finish();
}

void Sampler::stage(Stage stage) {
  const kit::Lock lock(mutex_);
  stage_ = stage;
  changed_.wake_all();
}

MonitorReport Sampler::finish() {
  {
    const kit::Lock lock(mutex_);
    over_ = true;
    changed_.wake_all();
  }
  thread_.join();
  if (report_.samples.empty() && report_.reason.empty())
    report_.reason = "the scenario ended before the first sample";
  report_.last = std::move(last_);
  return std::move(report_);
}

bool Sampler::wait_for(Stage stage, Clock::time_point due) {
  const kit::Lock lock(mutex_);
  while (!over_ && stage_ < stage && Clock::now() < due)
    changed_.wait_for(mutex_, std::min<Clock::duration>(due - Clock::now(), kLongestWait));
  return !over_;
}

bool Sampler::find_queues() {
  if (!queues_ && report_.reason.empty())
    queues_ = RunQueues::find(ram_, mailbox_.monitor_map(), cpus_, report_.reason);
  return queues_.has_value();
}

void Sampler::take(std::uint64_t at_ns) {
  if (!find_queues()) return;
  Reading now = queues_->read();
  if (mailbox_.stage() != Stage::kScenarioStarted) return;
  now.at_ns = at_ns;
  for (std::size_t i = 0; i < now.cpus.size(); ++i) {
    // Virtual time passes only while virtual CPUs run.
    if (now.cpus[i]) now.cpus[i]->ran_ns = stops_ ? std::optional(at_ns) : times_.of(i);
  }
  report_.samples.push_back(reduce(last_ ? &*last_ : nullptr, now));
  if (report_.samples.back().valid) last_ = std::move(now);
}

void Sampler::sample_by_stops() {
  while (wait_for(Stage::kNone, Clock::now())) {
    if (!stops_->wait(kLongestWait)) continue;
    if (mailbox_.stage() == Stage::kScenarioStarted) take(mailbox_.beat_ns());
    stops_->go_on();
  }
}

void Sampler::sample_by_clock() {
  if (!wait_for(Stage::kScenarioStarted, Clock::time_point::max())) return;
  const auto start = Clock::now();
  const std::uint64_t start_ns = mailbox_.scenario_ns();
  for (auto due = start;; due += kPeriod) {
    if (!wait_for(Stage::kScenarioFinished, due) || mailbox_.stage() != Stage::kScenarioStarted) return;
    take(start_ns + static_cast<std::uint64_t>(std::chrono::nanoseconds(Clock::now() - start).count()));
  }
}

void Sampler::run() {
  if (stops_) {
    hurry();
    sample_by_stops();
  } else {
    sample_by_clock();
  }
}

}  // namespace ktstr::kvm
