// SPDX-License-Identifier: Apache-2.0
#include "agent/workers.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <new>
#include <stdexcept>
#include <type_traits>

#include "agent/doors.hpp"
#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kNoticeableWait =
    1'000'000;                            // ns; who was seen more recently is running or has just stopped
constexpr std::size_t kLongestName = 15;  // of a task

constexpr std::size_t line_up(std::size_t size) { return (size + 127) & ~std::size_t{127}; }

void wake_all(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, 1 << 20, nullptr, nullptr, 0);
}

void sleep_ns(std::uint64_t ns) {
  const timespec time{static_cast<time_t>(ns / 1'000'000'000ULL), static_cast<long>(ns % 1'000'000'000ULL)};
  ::nanosleep(&time, nullptr);
}

/// The `index`th of things that lie line_up(sizeof) apart.
template <typename T>
T* at(T* base, std::size_t index) {
  using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
  return reinterpret_cast<T*>(reinterpret_cast<Byte*>(base) + index * line_up(sizeof(T)));
}

/// Ready to run, and not running: in state R while its CPU time stands still.
bool is_kept_waiting(pid_t pid) {
  const std::string stat = read_text(("/proc/" + std::to_string(pid) + "/stat").c_str());
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || stat.compare(name_end, 3, ") R") != 0) return false;
  clockid_t clock{};
  timespec before{}, after{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &before) != 0 ||
      ::clock_gettime(clock, &after) != 0)
    return false;
  return before.tv_sec == after.tv_sec && before.tv_nsec == after.tv_nsec;
}

void name_this_task(const std::string& name) { ::prctl(PR_SET_NAME, name.c_str()); }

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
      worker.index_in_cgroup = w;
      worker.group = groups_ + w / size;
      workers_.push_back(worker);
    }
    groups_ += spec.cgroups[c].workers / size;
  }
  const std::size_t control_size = line_up(sizeof(Control)),
                    groups_size = groups_ * line_up(sizeof(GroupShared));
  const std::size_t reports_size = workers_.size() * line_up(sizeof(WorkerReport));
  memory_size_ = control_size + groups_size + reports_size +
                 workers_.size() * spec.latency_reservoir * sizeof(std::uint64_t);
  void* mapped = ::mmap(nullptr, memory_size_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    throw std::runtime_error("no memory for the workers' reports: " + std::string(std::strerror(errno)));
  memory_ = static_cast<char*>(mapped);
  KTSTR_ASSERT(groups_ <= workers_.size());
  control_ = new (memory_) Control;
  char* at = memory_ + control_size;
  group_shared_ = reinterpret_cast<GroupShared*>(at);
  for (std::size_t g = 0; g < groups_; ++g, at += line_up(sizeof(GroupShared))) new (at) GroupShared;
  reports_ = reinterpret_cast<WorkerReport*>(at);
  for (std::size_t w = 0; w < workers_.size(); ++w, at += line_up(sizeof(WorkerReport)))
    new (at) WorkerReport;
  latencies_ = reinterpret_cast<std::uint64_t*>(at);

  KTSTR_ASSERT(reinterpret_cast<char*>(latencies_ + workers_.size() * spec.latency_reservoir) ==
               memory_ + memory_size_);
  // A pair of PipeIo workers has two pipes, one each way.
  for (std::size_t w = 0; w + 1 < workers_.size(); w += 1) {
    if (spec.cgroups[workers_[w].cgroup].type->name != "PipeIo" || workers_[w].index_in_group != 0) continue;
    int there[2], back[2];
    if (::pipe2(there, O_CLOEXEC) != 0 || ::pipe2(back, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipes left: " + std::string(std::strerror(errno)));
    KTSTR_ASSERT(workers_[w].group == workers_[w + 1].group);
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
  KTSTR_ASSERT(number < workers_.size() && workers_[number].group < groups_);
  drop_all_capabilities();
  const Worker& me = workers_[number];
  const CgroupSpec& cgroup = spec_.cgroups[me.cgroup];
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);

  WorkerReport& report = *at(reports_, number);
  report.tid = ::getpid();
  report.messenger = cgroup.type->name == "FutexFanOut" && me.index_in_group == 0;
  report.timer = cgroup.type->name == "TimerLatency";
  Random random(spec_.seed * 0x2545f4914f6cdd1dULL + number + 1);
  Telemetry telemetry(report, latencies_ + number * spec_.latency_reservoir, spec_.latency_reservoir, random);

  telemetry.arrive();
  while (control_->gate.load(std::memory_order_acquire) == 0) {
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&control_->gate), FUTEX_WAIT, 0, nullptr, nullptr,
              0);
  }
  // A start phase is what makes another seed another sample. What it takes beyond the phase itself was no
  // wish of the worker's.
  const std::uint64_t released_ns = control_->released_ns, phase_ns = 1 + random.below(5'000'000);
  telemetry.sleeps_until(now_ns() + phase_ns);
  sleep_ns(phase_ns);
  telemetry.begin(released_ns, released_ns + phase_ns);
  WorkContext context{cgroup,
                      control_->stop,
                      *at(group_shared_, me.group),
                      me.index_in_group,
                      cgroup.type->workers_per_group(cgroup.parameter("fan_out")),
                      me.read_fd,
                      me.write_fd,
                      telemetry,
                      random};
  work_function(cgroup.type->name)(context);
  telemetry.finish();
  ::_exit(0);
}

bool Workers::start(const std::function<bool(pid_t, std::size_t, std::string&)>& place, std::string& error) {
  char own_name[16] = {};
  ::prctl(PR_GET_NAME, own_name);
  struct sigaction action {};
  action.sa_handler = [](int) {};  // no SA_RESTART: it only ends a blocking call; set before a worker is
                                   // there, for those that get to run late
  ::sigaction(SIGUSR1, &action, nullptr);
  for (std::size_t number = 0; number < workers_.size(); ++number) {
    Worker& worker = workers_[number];
    // A child has its name before it has run: it may be one that never does.
    name_this_task(worker_name(spec_.cgroups[worker.cgroup].name, worker.index_in_cgroup));
    const pid_t pid = ::fork();
    if (pid == 0) work(number);
    name_this_task(own_name);
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
  control_->released_ns = now_ns();
  control_->gate.store(1, std::memory_order_release);
  wake_all(control_->gate);
}

void Workers::note_waiting(std::uint64_t end_ns) {
  end_ns_ = end_ns;
  const std::uint64_t released = control_->released_ns;
  for (std::size_t number = 0; number < workers_.size(); ++number) {
    Worker& worker = workers_[number];
    const WorkerReport& report = *at(reports_, number);
    const GroupShared& group = *at(group_shared_, worker.group);
    std::uint64_t since = std::max(released, report.last_seen_ns);
    for (const std::uint64_t woken : {report.due_ns, group.woken_at_ns.load(), group.answered_at_ns.load()}) {
      if (woken <= end_ns) since = std::max(since, woken);
    }
    if (!worker.running || report.due_ns > end_ns || since + kNoticeableWait > end_ns ||
        !is_kept_waiting(worker.pid))
      continue;
    const std::uint64_t before = read_run_delay(std::to_string(worker.pid)).waited_ns;
    const std::uint64_t ended_waits = before > report.delay_begin_ns ? before - report.delay_begin_ns : 0;
    worker.waiting_since_ns = since;
    worker.run_delay_ns = std::min(ended_waits + (end_ns - since), end_ns - released);
  }
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

bool Workers::ask_to_stop(std::uint64_t patience_ms) {
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
  return !any_running();
}

std::size_t Workers::with_policy(int policy) const {
  return static_cast<std::size_t>(std::count_if(workers_.begin(), workers_.end(), [&](const Worker& worker) {
    return worker.running && ::sched_getscheduler(worker.pid) == policy;
  }));
}

void Workers::kill() {
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
    const WorkerReport* report = at(static_cast<const WorkerReport*>(reports_), number);
    const Worker& worker = workers_[number];
    const bool completed = report->completed.load();
    View view{report,
              latencies_ + number * spec_.latency_reservoir,
              completed        ? std::string()
              : worker.running ? "did not stop"
                               : how_it_ended(worker.status),
              report->run_delay_ns,
              report->wall_time_ns,
              report->max_gap_ns,
              report->max_gap_at_ns};
    if (worker.waiting_since_ns != 0) {
      view.run_delay_ns = worker.run_delay_ns;
      if (const std::uint64_t gap = end_ns_ - worker.waiting_since_ns; gap > view.max_gap_ns)
        view.max_gap_ns = gap, view.max_gap_at_ns = end_ns_;
    }
    const std::uint64_t start = report->start_ns != 0 ? report->start_ns : control_->released_ns.load();
    if (!completed && start != 0 && end_ns_ > start) view.wall_time_ns = end_ns_ - start;
    views.push_back(std::move(view));
  }
  return views;
}

std::string worker_name(const std::string& cgroup, std::uint32_t index) {
  const std::string suffix = "/" + std::to_string(index);
  return cgroup.substr(0, kLongestName - suffix.size()) + suffix;
}

}  // namespace ktstr::agent
