// SPDX-License-Identifier: Apache-2.0
//
// What a plugin leaves behind: of the process after each call, and over many rounds. What calls changed is
// found and put back by CurrentCall, as in every command.
#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ktstr/kit/text.hpp>
#include <map>
#include <set>
#include <thread>

#include "check/bench.hpp"

extern char** environ;

namespace ktstr {
namespace {

void live_once(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  use(bench, instance.self(), arena);
}

/// Fails with the first news that has one of these words.
void unchanged(Bench& bench, std::initializer_list<std::string_view> words) {
  live_once(bench);
  for (const std::string& line : bench.news) {
    for (const std::string_view word : words) {
      if (line.find(word) != std::string::npos) fail(line);
    }
  }
}
void directory(Bench& bench) { unchanged(bench, {"the working directory"}); }
void mask(Bench& bench) { unchanged(bench, {"the umask"}); }
void locale(Bench& bench) { unchanged(bench, {"the locale"}); }
void signals(Bench& bench) { unchanged(bench, {"what happens at"}); }
void signal_mask(Bench& bench) { unchanged(bench, {"the mask of blocked signals"}); }
void standard_descriptors(Bench& bench) {
  unchanged(bench, {"descriptor 0", "descriptor 1", "descriptor 2", "output goes to"});
}
void floating_point(Bench& bench) { unchanged(bench, {"floating-point"}); }
void limits(Bench& bench) { unchanged(bench, {"resource limits"}); }

void environment(Bench& bench) {
  const auto all = [] {
    std::multiset<std::string> variables;
    for (char** one = environ; *one != nullptr; ++one) variables.insert(*one);
    return variables;
  };
  bench.impl();
  const auto before = all();
  live_once(bench);
  require(all() == before, "it changed the environment of the process");
}

void printing(Bench& bench) {
  bench.impl();
  const off_t before = ::lseek(1, 0, SEEK_END);
  live_once(bench);
  std::fflush(nullptr);
  require(::lseek(1, 0, SEEK_END) == before,
          "it wrote to descriptor 1 or 2: what it says goes through the host's log");
}

std::set<int> numbers_in(const char* directory) {
  std::set<int> found;
  DIR* listing = ::opendir(directory);
  if (listing == nullptr) skip(std::string(directory) + " cannot be read");
  const int own = ::dirfd(listing);
  while (const dirent* one = ::readdir(listing)) {
    const int number = std::atoi(one->d_name);
    if (one->d_name[0] != '.' && number != own) found.insert(number);
  }
  ::closedir(listing);
  return found;
}

void descriptors(Bench& bench) {
  live_once(bench);  // a library may keep some for all instances
  const auto before = numbers_in("/proc/self/fd");
  for (int i = 0; i < 5; ++i) live_once(bench);
  const auto after = numbers_in("/proc/self/fd");
  if (after.size() > before.size())
    fail("five instances left " + std::to_string(after.size() - before.size()) + " descriptors open");
}

void close_on_exec(Bench& bench) {
  bench.impl();
  const auto before = numbers_in("/proc/self/fd");
  Arena arena;
  const Instance instance = bench.make();
  use(bench, instance.self(), arena);
  for (const int fd : numbers_in("/proc/self/fd")) {
    const int flags = before.contains(fd) ? FD_CLOEXEC : ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) fail("it holds a descriptor that programs would inherit");
  }
}

void threads(Bench& bench) {
  live_once(bench);  // ktstr's own watch has started
  const auto before = numbers_in("/proc/self/task");
  for (int i = 0; i < 3; ++i) live_once(bench);
  for (int i = 0; i < 50 && numbers_in("/proc/self/task").size() > before.size(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  const auto after = numbers_in("/proc/self/task").size();
  if (after > before.size())
    fail("three instances left " + std::to_string(after - before.size()) + " threads running");
}

void processes(Bench& bench) {
  live_once(bench);
  for (int i = 0; i < 50; ++i) {
    int status = 0;
    const pid_t left = ::waitpid(-1, &status, WNOHANG);
    if (left < 0 && errno == ECHILD) return;
    if (left > 0) fail("a process that it started was never waited for");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  fail("a process that it started is still running");
}

void scheduling(Bench& bench) {
  bench.impl();
  cpu_set_t before, after;
  CPU_ZERO(&before);
  CPU_ZERO(&after);
  ::sched_getaffinity(0, sizeof before, &before);
  const int nice = ::getpriority(PRIO_PROCESS, 0), policy = ::sched_getscheduler(0);
  live_once(bench);
  ::sched_getaffinity(0, sizeof after, &after);
  require(CPU_EQUAL(&before, &after), "it changed the CPUs that the process may use");
  require(nice == ::getpriority(PRIO_PROCESS, 0) && policy == ::sched_getscheduler(0),
          "it changed the priority of the process");
}

void timers(Bench& bench) {
  live_once(bench);
  for (const auto which : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF}) {
    itimerval left{};
    ::getitimer(which, &left);
    require(left.it_value.tv_sec == 0 && left.it_value.tv_usec == 0,
            "it left a timer of the process running");
  }
}

/// Bytes that are allocated and not freed.
std::size_t allocated() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

void memory(Bench& bench) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  skip("a sanitizer has an allocator of its own");
#endif
  constexpr int kRounds = 1000, kFirst = 50;
  constexpr std::size_t kLeast = 16;  // bytes a round: the smallest that malloc gives
  // What a round costs beside create and destroy is the kind's: files and processes are not made by the
  // thousand.
  const unsigned kind = kind_of_interface(bench.row().interface_id);
  const bool cheap = kind == kOfGate || kind == kOfReporter;
  std::size_t before = 0;
  bench.unguarded = true;
  for (int i = 0; i < kFirst + kRounds; ++i) {
    if (i == kFirst) before = allocated();
    if (cheap) {
      live_once(bench);
    } else {
      bench.make();
    }
    bench.news.clear();
    bench.log.clear();
  }
  const std::size_t after = allocated();
  if (after > before && (after - before) / kRounds >= kLeast)
    fail(std::to_string(kRounds) + " instances left " + std::to_string(after - before) + " bytes allocated");
}

constexpr CheckCase kCases[] = {
    {"state-directory", kOfEvery, "leaves the working directory as it is", directory, "works"},
    {"state-umask", kOfEvery, "leaves the umask as it is", mask, "works"},
    {"state-locale", kOfEvery, "leaves the locale as it is", locale, "works"},
    {"state-signals", kOfEvery, "leaves as it is what happens at signals", signals, "works"},
    {"state-signal-mask", kOfEvery, "leaves the mask of blocked signals as it is", signal_mask, "works"},
    {"state-standard-descriptors", kOfEvery, "leaves descriptors 0 to 2 as they are", standard_descriptors,
     "works"},
    {"state-floating-point", kOfEvery, "leaves as it is how floating-point numbers are computed",
     floating_point, "works"},
    {"state-limits", kOfEvery, "leaves resource limits as they are", limits, "works"},
    {"state-environment", kOfEvery, "leaves the environment as it is", environment, "works"},
    {"state-scheduling", kOfEvery, "leaves CPUs and priority of the process as they are", scheduling,
     "works"},
    {"state-timers", kOfEvery, "leaves no timer of the process running", timers, "works"},
    {"prints-nothing", kOfEvery, "prints nothing itself", printing, "works"},
    {"descriptors-left", kOfEvery, "leaves no descriptor open", descriptors, "works"},
    {"close-on-exec", kOfEvery, "opens what it keeps open with O_CLOEXEC", close_on_exec, "works"},
    {"threads-left", kOfEvery, "leaves no thread behind for each instance", threads, "works"},
    {"processes-left", kOfEvery, "leaves no process behind", processes, "works"},
    {"memory-left", kOfEvery, "a thousand rounds leave no memory allocated", memory, "works"},
};

}  // namespace

std::span<const CheckCase> state_cases() { return kCases; }

}  // namespace ktstr
