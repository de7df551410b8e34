// SPDX-License-Identifier: Apache-2.0
#include "agent/workers.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include "agent/doors.hpp"

namespace ktstr::agent {
namespace {

constexpr std::size_t line_up(std::size_t size) { return (size + 127) & ~std::size_t{127}; }

void wake_all(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, 1 << 20, nullptr, nullptr, 0);
}

void sleep_ns(std::uint64_t ns) {
  const timespec time{static_cast<time_t>(ns / 1'000'000'000ULL), static_cast<long>(ns % 1'000'000'000ULL)};
  ::nanosleep(&time, nullptr);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return "exited with status " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

}  // namespace

Workers::Workers(const Spec& spec) : spec_(spec) {
  for (std::size_t c = 0; c < spec.cgroups.size(); ++c) {
    const std::uint32_t size = spec.cgroups[c].type->workers_per_group(spec.cgroups[c].parameter("fan_out"));
    for (std::uint32_t w = 0; w < spec.cgroups[c].workers; ++w) {
      Worker worker;
      worker.cgroup = c;
      worker.index_in_group = w % size;
      worker.group = groups_ + w / size;
      workers_.push_back(worker);
    }
    groups_ += spec.cgroups[c].workers / size;
  }
  const std::size_t control_size = line_up(sizeof(Control)), groups_size = groups_ * line_up(sizeof(GroupShared));
  const std::size_t reports_size = workers_.size() * line_up(sizeof(WorkerReport));
  memory_size_ = control_size + groups_size + reports_size + workers_.size() * spec.latency_reservoir * sizeof(std::uint64_t);
  void* mapped = ::mmap(nullptr, memory_size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::runtime_error("no memory for the workers' reports: " + std::string(std::strerror(errno)));
  memory_ = static_cast<char*>(mapped);
  control_ = new (memory_) Control;
  char* at = memory_ + control_size;
  group_shared_ = reinterpret_cast<GroupShared*>(at);
  for (std::size_t g = 0; g < groups_; ++g, at += line_up(sizeof(GroupShared))) new (at) GroupShared;
  reports_ = reinterpret_cast<WorkerReport*>(at);
  for (std::size_t w = 0; w < workers_.size(); ++w, at += line_up(sizeof(WorkerReport))) new (at) WorkerReport;
  latencies_ = reinterpret_cast<std::uint64_t*>(at);

  // A pair of PipeIo workers has two pipes, one each way.
  for (std::size_t w = 0; w + 1 < workers_.size(); w += 1) {
    if (spec.cgroups[workers_[w].cgroup].type->name != "PipeIo" || workers_[w].index_in_group != 0) continue;
    int there[2], back[2];
    if (::pipe2(there, O_CLOEXEC) != 0 || ::pipe2(back, O_CLOEXEC) != 0) throw std::runtime_error("no pipes left: " + std::string(std::strerror(errno)));
    workers_[w].write_fd = there[1];
    workers_[w].read_fd = back[0];
    workers_[w + 1].write_fd = back[1];
    workers_[w + 1].read_fd = there[0];
  }
}

Workers::~Workers() {
  for (Worker& worker : workers_) {
    if (worker.running) ::kill(worker.pid, SIGKILL);
  }
  while (any_running()) {
    reap_children();
    sleep_ns(1'000'000);
  }
  for (const Worker& worker : workers_) {
    if (worker.read_fd >= 0) ::close(worker.read_fd);
    if (worker.write_fd >= 0) ::close(worker.write_fd);
  }
  if (memory_ != nullptr) ::munmap(memory_, memory_size_);
}

void Workers::work(std::size_t number) {
  drop_all_capabilities();
  const Worker& me = workers_[number];
  const CgroupSpec& cgroup = spec_.cgroups[me.cgroup];
  struct sigaction action {};
  action.sa_handler = [](int) {};  // no SA_RESTART: it only ends a blocking call
  ::sigaction(SIGUSR1, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  const auto at = [](auto* base, std::size_t index) {
    using T = std::remove_pointer_t<decltype(base)>;
    return reinterpret_cast<T*>(reinterpret_cast<char*>(base) + index * line_up(sizeof(T)));
  };
  WorkerReport& report = *at(reports_, number);
  report.tid = ::getpid();
  report.messenger = cgroup.type->name == "FutexFanOut" && me.index_in_group == 0;
  report.timer = cgroup.type->name == "TimerLatency";
  Random random(spec_.seed * 0x2545f4914f6cdd1dULL + number + 1);
  Telemetry telemetry(report, latencies_ + number * spec_.latency_reservoir, spec_.latency_reservoir, random);

  while (control_->gate.load(std::memory_order_acquire) == 0) {
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&control_->gate), FUTEX_WAIT, 0, nullptr, nullptr, 0);
  }
  sleep_ns(1 + random.below(5'000'000));  // start phase: what makes another seed another sample
  telemetry.begin();
  WorkContext context{cgroup,       control_->stop, *at(group_shared_, me.group), me.index_in_group, cgroup.type->workers_per_group(cgroup.parameter("fan_out")),
                      me.read_fd, me.write_fd,    telemetry,                      random};
  work_function(cgroup.type->name)(context);
  telemetry.finish();
  ::_exit(0);
}

bool Workers::start(const std::function<bool(pid_t, std::size_t, std::string&)>& place, std::string& error) {
  for (std::size_t number = 0; number < workers_.size(); ++number) {
    Worker& worker = workers_[number];
    const pid_t pid = ::fork();
    if (pid == 0) work(number);
    if (pid < 0) {
      error = "cannot start worker " + std::to_string(number) + ": " + std::strerror(errno);
      return false;
    }
    worker.pid = pid;
    worker.running = true;
    if (!place(pid, worker.cgroup, error)) return false;
  }
  return true;
}

void Workers::release() {
  control_->gate.store(1, std::memory_order_release);
  wake_all(control_->gate);
}

bool Workers::any_running() const {
  for (const Worker& worker : workers_) {
    if (worker.running) return true;
  }
  return false;
}

bool Workers::reaped(pid_t pid, int status) {
  for (Worker& worker : workers_) {
    if (worker.pid != pid || !worker.running) continue;
    worker.running = false;
    worker.status = status;
    return true;
  }
  return false;
}

void Workers::reap_children() {
  for (Worker& worker : workers_) {
    int status = 0;
    if (worker.running && ::waitpid(worker.pid, &status, WNOHANG) == worker.pid) reaped(worker.pid, status);
  }
}

void Workers::stop(std::uint64_t patience_ms) {
  control_->stop.store(1, std::memory_order_release);
  const std::uint64_t end = now_ns() + patience_ms * 1'000'000ULL;
  while (any_running() && now_ns() < end) {
    // Again and again: a signal that comes just before a blocking call would be missed.
    for (const Worker& worker : workers_) {
      if (worker.running) ::kill(worker.pid, SIGUSR1);
    }
    sleep_ns(2'000'000);
    reap_children();
  }
  for (const Worker& worker : workers_) {
    if (worker.running) ::kill(worker.pid, SIGKILL);
  }
  const std::uint64_t give_up = now_ns() + 5'000'000'000ULL;
  while (any_running() && now_ns() < give_up) {
    sleep_ns(1'000'000);
    reap_children();
  }
}

std::vector<Workers::View> Workers::of_cgroup(std::size_t cgroup) const {
  std::vector<View> views;
  for (std::size_t number = 0; number < workers_.size(); ++number) {
    if (workers_[number].cgroup != cgroup) continue;
    const auto* report = reinterpret_cast<const WorkerReport*>(reinterpret_cast<const char*>(reports_) + number * line_up(sizeof(WorkerReport)));
    const bool completed = report->completed.load();
    views.push_back({report, latencies_ + number * spec_.latency_reservoir,
                     completed ? std::string() : workers_[number].running ? "did not stop" : how_it_ended(workers_[number].status)});
  }
  return views;
}

}  // namespace ktstr::agent
