// SPDX-License-Identifier: Apache-2.0
#include "agent/workers.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
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
#include <system_error>
#include <thread>

#include "agent/doors.hpp"
#include "agent/files.hpp"
#include "agent/numa.hpp"
#include "agent/tasks.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint64_t kNoticeableWait =
    1'000'000;                            // ns; who was seen more recently is running or has just stopped
constexpr std::size_t kLongestName = 15;  // of a task
constexpr int kNoMemoryPolicy = 71, kNoThreads = 72;       // exit status
constexpr std::uint64_t kThreadsPatience = 5'000'000'000;  // ns; a scheduler may keep them from starting

constexpr std::size_t kHistogramWords = sizeof(kvm::Histogram) / sizeof(std::uint64_t);
static_assert(sizeof(kvm::Histogram) % sizeof(std::uint64_t) == 0);

constexpr std::size_t line_up(std::size_t size) { return (size + 127) & ~std::size_t{127}; }

void wake_all(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), FUTEX_WAKE, 1 << 20, nullptr, nullptr, 0);
}

void sleep_ns(std::uint64_t ns) {
  const timespec time{static_cast<time_t>(ns / 1'000'000'000ULL), static_cast<long>(ns % 1'000'000'000ULL)};
  ::nanosleep(&time, nullptr);
}

/// Makes `count` things line_up(sizeof) apart from `base` on; returns what lies behind them.
template <typename T>
char* make(char* base, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) new (base + i * line_up(sizeof(T))) T{};
  return base + count * line_up(sizeof(T));
}
/// The `index`th of them.
template <typename T>
T& at(char* base, std::size_t index) {
  return *std::launder(reinterpret_cast<T*>(base + index * line_up(sizeof(T))));
}

/// Ready to run, and not running: in state R while its CPU time stands still.
bool is_kept_waiting(pid_t pid) {
  const std::string stat = read_text(("/proc/" + std::to_string(pid) + "/stat").c_str());
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || stat.compare(name_end, 3, ") R") != 0) return false;
  clockid_t clock{};
  timespec before{}, after{};
  // A thread's clock is for its own process; where there is none to read, the state must do.
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &before) != 0 ||
      ::clock_gettime(clock, &after) != 0)
    return true;
  return before.tv_sec == after.tv_sec && before.tv_nsec == after.tv_nsec;
}

void name_this_task(const std::string& name) { ::prctl(PR_SET_NAME, name.c_str()); }

std::string how_it_ended(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoMemoryPolicy)
    return "the kernel refused its memory policy";
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoThreads) return "no more threads can be started";
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return "exited with status " + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

}  // namespace

Workers::Workers(const kvm::Scenario& scenario, std::uint64_t seed, std::uint64_t reservoir)
    : scenario_(scenario), seed_(seed), reservoir_(reservoir) {
  static_assert(sizeof(std::atomic<std::uint64_t>) == sizeof(std::uint64_t));
  const Sizes sizes = lay_out();
  memory_size_ = sets_.size() * line_up(sizeof(Control)) + sizes.groups * line_up(sizeof(GroupShared)) +
                 workers_.size() * line_up(sizeof(WorkerReport)) +
                 (sizes.samples + sizes.cells) * sizeof(std::uint64_t);
  void* mapped = ::mmap(nullptr, std::max<std::size_t>(memory_size_, 1), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED)
    throw std::runtime_error("no memory for the workers' reports: " + std::string(std::strerror(errno)));
  memory_ = static_cast<char*>(mapped);
  controls_ = memory_;
  groups_ = make<Control>(controls_, sets_.size());
  reports_ = make<GroupShared>(groups_, sizes.groups);
  char* behind = make<WorkerReport>(reports_, workers_.size());
  samples_ = reinterpret_cast<std::uint64_t*>(behind);
  cells_ = reinterpret_cast<std::atomic<std::uint64_t>*>(samples_ + sizes.samples);
  KTSTR_ASSERT(reinterpret_cast<char*>(cells_ + sizes.cells) == memory_ + memory_size_);
  for (const Worker& worker : workers_) {
    if (scenario_.sets[worker.set].work.type->threads) group(worker.group).futex_scope = FUTEX_PRIVATE_FLAG;
  }
  open_pipes();
  open_eventfds();
}

/// Gives every worker its group and its places for samples and cells.
Workers::Sizes Workers::lay_out() {
  Sizes sizes;
  for (std::size_t s = 0; s < scenario_.sets.size(); ++s) {
    const kvm::WorkerSet& set = scenario_.sets[s];
    const std::uint32_t size = set.work.workers_per_group(set.workers);
    KTSTR_ASSERT(size > 0 && set.workers % size == 0);
    const kvm::WorkType& type = *set.work.type;
    const std::uint64_t cells = type.cells != nullptr ? type.cells(type, set.work.values) : 0;
    sets_.push_back({workers_.size(), set.workers, false});
    for (std::uint32_t w = 0; w < set.workers; ++w) {
      Worker worker;
      worker.set = s;
      worker.group = sizes.groups + w / size;
      worker.index_in_group = w % size;
      worker.index_in_set = w;
      worker.samples = sizes.samples;
      worker.cells = sizes.cells + w / size * cells;
      worker.cell_count = cells;
      for (const std::string_view name : type.samples)
        sizes.samples += name.empty() ? 0 : reservoir_ + kHistogramWords;
      workers_.push_back(worker);
    }
    sizes.groups += set.workers / size;
    sizes.cells += set.workers / size * cells;
  }
  return sizes;
}

/// Each worker of a ring writes to the next one, the last to the first.
void Workers::open_pipes() {
  for (std::size_t w = 0; w < workers_.size(); ++w) {
    const kvm::WorkerSet& set = scenario_.sets[workers_[w].set];
    if (!set.work.type->pipes) continue;
    const std::uint32_t size = set.work.workers_per_group(set.workers), index = workers_[w].index_in_group;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
      throw std::runtime_error("no pipes left: " + std::string(std::strerror(errno)));
    Worker& next = workers_[index + 1 < size ? w + 1 : w - index];
    KTSTR_ASSERT(next.group == workers_[w].group);
    workers_[w].write_fd = ends[1];
    next.read_fd = ends[0];
  }
}

void Workers::open_eventfds() {
  for (std::size_t w = 0; w < workers_.size(); ++w) {
    Worker& worker = workers_[w];
    if (!scenario_.sets[worker.set].work.type->eventfd) continue;
    worker.event_fd = worker.index_in_group > 0 ? workers_[w - 1].event_fd
                                                : ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    if (worker.event_fd < 0)
      throw std::runtime_error("no eventfd left: " + std::string(std::strerror(errno)));
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
    if (worker.event_fd >= 0 && worker.index_in_group == 0) ::close(worker.event_fd);
  }
  if (memory_ != nullptr) ::munmap(memory_, memory_size_);
}

Workers::Control& Workers::control(std::size_t set) const { return at<Control>(controls_, set); }
WorkerReport& Workers::report(std::size_t number) const { return at<WorkerReport>(reports_, number); }
/// A distribution's reservoir, and its histogram behind it; nothing when the work type has no such
/// distribution.
SampleRoom Workers::room(std::size_t number, std::size_t distribution) const {
  const Worker& worker = workers_[number];
  if (scenario_.sets[worker.set].work.type->samples[distribution].empty()) return {};
  std::uint64_t* kept = samples_ + worker.samples + distribution * (reservoir_ + kHistogramWords);
  return {kept, reinterpret_cast<kvm::Histogram*>(kept + reservoir_)};
}

GroupShared& Workers::group(std::size_t number) const { return at<GroupShared>(groups_, number); }

void Workers::work(std::size_t number) {
  KTSTR_ASSERT(number < workers_.size());
  const Worker& me = workers_[number];
  const kvm::WorkerSet& set = scenario_.sets[me.set];
  keep_capabilities(set.work.type->may_renice);
  if (!set_memory_policy(set.attributes)) ::_exit(kNoMemoryPolicy);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  {
    std::vector<std::jthread> others;
    try {
      for (std::uint32_t i = 1; i < members(number); ++i) {
        others.emplace_back([this, number, i] {
          name_this_task(worker_name(name_of(workers_[number].set), workers_[number + i].index_in_set));
          be_worker(number + i);
        });
      }
    } catch (const std::system_error&) {
      ::_exit(kNoThreads);
    }
    be_worker(number);
  }
  ::_exit(0);
}

void Workers::be_worker(std::size_t number) {
  const Worker& me = workers_[number];
  const kvm::WorkerSet& set = scenario_.sets[me.set];
  Control& set_control = control(me.set);
  WorkerReport& mine = report(number);
  mine.tid = ::gettid();
  GroupShared& shared = group(me.group);
  if (me.index_in_group < shared.pids.size()) shared.pids[me.index_in_group] = ::gettid();
  Random random(seed_ * 0x2545f4914f6cdd1dULL + number + 1);
  Telemetry telemetry(mine, {room(number, 0), room(number, 1)}, reservoir_, random, set_control.pauses);

  const std::vector<std::uint64_t> pages_before = own_pages();
  telemetry.arrive();
  while (set_control.gate.load(std::memory_order_acquire) == 0) {
    ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&set_control.gate), FUTEX_WAIT, 0, nullptr, nullptr,
              0);
  }
  // A start phase is what makes another seed another sample. What it takes beyond the phase itself was no
  // wish of the worker's.
  const std::uint64_t released_ns = set_control.released_ns, phase_ns = 1 + random.below(5'000'000);
  telemetry.sleeps_until(now_ns() + phase_ns);
  sleep_ns(phase_ns);
  telemetry.begin(released_ns, released_ns + phase_ns);
  const std::uint32_t size = set.work.workers_per_group(set.workers);
  WorkContext context{.work = set.work,
                      .stop = set_control.stop,
                      .group = shared,
                      .cells = {cells_ + me.cells, me.cell_count},
                      .group_in_set = me.index_in_set / size,
                      .index_in_group = me.index_in_group,
                      .group_size = size,
                      .read_fd = me.read_fd,
                      .write_fd = me.write_fd,
                      .event_fd = me.event_fd,
                      .telemetry = telemetry,
                      .random = random};
  work_function(set.work.type->name)(context);
  if (!set.work.type->threads || !shared.pages_counted.exchange(true))
    count_own_pages(pages_before, set.attributes, mine.numbers);
  telemetry.finish();
}

/// How many workers the process has of which this one is the first.
std::uint32_t Workers::members(std::size_t first) const {
  const kvm::WorkerSet& set = scenario_.sets[workers_[first].set];
  return set.work.type->threads ? set.work.workers_per_group(set.workers) : 1;
}

std::string Workers::name_of(std::size_t set) const {
  const std::size_t cgroup = scenario_.sets[set].cgroup;
  return cgroup == kvm::kRootCgroup ? "root" : scenario_.cgroups[cgroup].name;
}

/// Learns the ids of a process's threads. One that does not get to run has its process's.
void Workers::await_threads(std::size_t first) {
  const GroupShared& shared = group(workers_[first].group);
  const std::uint64_t give_up = now_ns() + kThreadsPatience;
  for (std::uint32_t i = 1; i < members(first); ++i) {
    Worker& worker = workers_[first + i];
    worker.pid = worker.process = workers_[first].pid;
    worker.running = true;
    while (shared.pids[i] == 0 && now_ns() < give_up) sleep_ns(100'000);
    if (const pid_t tid = shared.pids[i]; tid != 0) worker.pid = tid;
  }
}

bool Workers::start(std::size_t set, const std::function<bool(pid_t, std::uint32_t, std::string&)>& place,
                    std::string& error) {
  KTSTR_ASSERT(set < sets_.size() && !sets_[set].started);
  sets_[set].started = true;
  char own_name[16] = {};
  ::prctl(PR_GET_NAME, own_name);
  struct sigaction action {};
  action.sa_handler = [](int) {};  // no SA_RESTART: it only ends a blocking call; set before a worker is
                                   // there, for those that get to run late
  ::sigaction(SIGUSR1, &action, nullptr);
  const std::string name = name_of(set);
  for (std::size_t number = sets_[set].first; number < sets_[set].first + sets_[set].count;
       number += members(number)) {
    Worker& worker = workers_[number];
    // A child has its name before it has run: it may be one that never does.
    name_this_task(worker_name(name, worker.index_in_set));
    const pid_t pid = ::fork();
    if (pid == 0) work(number);
    name_this_task(own_name);
    if (pid < 0) {
      error = "cannot start worker " + std::to_string(number) + ": " + std::strerror(errno);
      return false;
    }
    worker.pid = worker.process = pid;
    worker.running = true;
    await_threads(number);
    for (std::uint32_t i = 0; i < members(number); ++i) {
      const Worker& member = workers_[number + i];
      if (!place(member.pid, member.index_in_set, error)) return false;
    }
  }
  return true;
}

void Workers::release(std::size_t set) {
  Control& it = control(set);
  it.released_ns = now_ns();
  it.gate.store(1, std::memory_order_release);
  wake_all(it.gate);
}

void Workers::pause(std::size_t set) { control(set).pauses.fetch_add(1, std::memory_order_relaxed); }

std::vector<std::pair<pid_t, std::uint32_t>> Workers::running(std::size_t set) const {
  std::vector<std::pair<pid_t, std::uint32_t>> pids;
  for (std::size_t number = sets_[set].first; number < sets_[set].first + sets_[set].count; ++number) {
    if (workers_[number].running) pids.emplace_back(workers_[number].pid, workers_[number].index_in_set);
  }
  return pids;
}

void Workers::note_waiting(std::uint64_t end_ns) {
  end_ns_ = end_ns;
  for (std::size_t number = 0; number < workers_.size(); ++number) {
    Worker& worker = workers_[number];
    if (!worker.running) continue;
    const std::uint64_t released = control(worker.set).released_ns;
    const WorkerReport& seen = report(number);
    const GroupShared& shared = group(worker.group);
    std::uint64_t since = std::max(released, seen.last_seen_ns);
    for (const std::uint64_t woken : {seen.due_ns, shared.woken_at_ns.load(), shared.answered_at_ns.load()}) {
      if (woken <= end_ns) since = std::max(since, woken);
    }
    if (seen.due_ns > end_ns || since + kNoticeableWait > end_ns || !is_kept_waiting(worker.pid)) continue;
    const std::uint64_t before = read_run_delay(std::to_string(worker.pid)).waited_ns;
    const std::uint64_t ended_waits = before > seen.delay_begin_ns ? before - seen.delay_begin_ns : 0;
    worker.waiting_since_ns = since;
    worker.run_delay_ns = std::min(ended_waits + (end_ns - since), end_ns - released);
  }
}

bool Workers::any_running() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.running; });
}

bool Workers::any_running(std::size_t set) const { return !running(set).empty(); }

bool Workers::reaped(pid_t pid, int status) {
  bool found = false;
  for (Worker& worker : workers_) {
    if (worker.process != pid || !worker.running) continue;
    worker.running = false;
    worker.status = status;
    found = true;
  }
  return found;
}

void Workers::reap_children() {
  for (Worker& worker : workers_) {
    int status = 0;
    if (worker.running && ::waitpid(worker.process, &status, WNOHANG) == worker.process)
      reaped(worker.process, status);
  }
}

void Workers::signal_until_ended(const std::function<bool()>& ended,
                                 const std::function<bool(const Worker&)>& which, std::uint64_t patience_ms) {
  const std::uint64_t end = now_ns() + patience_ms * 1'000'000ULL;
  while (!ended() && now_ns() < end) {
    // Again and again: a signal that comes just before a blocking call would be missed.
    for (const Worker& worker : workers_) {
      if (worker.running && which(worker)) ::syscall(SYS_tkill, worker.pid, SIGUSR1);
    }
    sleep_ns(2'000'000);
    reap_children();
  }
}

void Workers::stop(std::size_t set, std::uint64_t patience_ms) {
  if (!sets_[set].started) return;
  control(set).stop.store(1, std::memory_order_release);
  const auto ended = [&] { return !any_running(set); };
  signal_until_ended(
      ended, [&](const Worker& worker) { return worker.set == set; }, patience_ms);
  for (const auto& [pid, index] : running(set)) ::kill(pid, SIGKILL);
  for (int waited = 0; !ended() && waited < 1000; ++waited) {
    sleep_ns(1'000'000);
    reap_children();
  }
}

bool Workers::ask_to_stop(std::uint64_t patience_ms) {
  for (std::size_t set = 0; set < sets_.size(); ++set) control(set).stop.store(1, std::memory_order_release);
  signal_until_ended([&] { return !any_running(); }, [](const Worker&) { return true; }, patience_ms);
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

Workers::View Workers::view(std::size_t number) const {
  const Worker& worker = workers_[number];
  const WorkerReport& seen = report(number);
  const bool completed = seen.completed.load();
  View view{&seen,
            {},
            completed        ? std::string()
            : worker.running ? "did not stop"
                             : how_it_ended(worker.status),
            seen.numbers};
  for (std::size_t d = 0; d < view.samples.size(); ++d)
    view.samples[d] = {room(number, d).kept, seen.samples[d].kept};
  if (worker.waiting_since_ns != 0) {
    view.numbers.run_delay_ns = worker.run_delay_ns;
    if (const std::uint64_t gap = end_ns_ - worker.waiting_since_ns; gap > view.numbers.max_gap_ns)
      view.numbers.max_gap_ns = gap, view.numbers.max_gap_at_ns = end_ns_;
  }
  const std::uint64_t start = seen.start_ns != 0 ? seen.start_ns : control(worker.set).released_ns.load();
  if (!completed && start != 0 && end_ns_ > start) view.numbers.wall_time_ns = end_ns_ - start;
  view.numbers.off_cpu_ns = view.numbers.wall_time_ns > view.numbers.cpu_time_ns
                                ? view.numbers.wall_time_ns - view.numbers.cpu_time_ns
                                : 0;
  return view;
}

std::vector<Workers::View> Workers::of_set(std::size_t set) const {
  std::vector<View> views;
  if (!sets_[set].started) return views;
  for (std::size_t number = sets_[set].first; number < sets_[set].first + sets_[set].count; ++number)
    views.push_back(view(number));
  return views;
}

std::string worker_name(const std::string& cgroup, std::uint32_t index) {
  const std::string suffix = "/" + std::to_string(index);
  return cgroup.substr(cgroup.rfind('/') + 1).substr(0, kLongestName - suffix.size()) + suffix;
}

}  // namespace ktstr::agent
