// SPDX-License-Identifier: Apache-2.0
//
// What a performance test in real time has of the host, as the host's kernel tells it while the guest runs.
#include <gmock/gmock.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

/// A thread of QEMU's, of which the name of a vCPU's is "CPU 0/TCG" or "CPU 0/KVM".
struct Thread {
  std::string name, allowed;
  int policy = -1;
  bool operator==(const Thread&) const = default;
};

std::string line_of(const fs::path& file, const std::string& key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(key)) return line.substr(line.find_first_not_of(" \t", key.size()));
  }
  return {};
}

std::vector<Thread> threads_of(pid_t process) {
  std::vector<Thread> threads;
  std::error_code failure;
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(process) + "/task", failure)) {
    const pid_t id = std::stoi(task.path().filename());
    threads.push_back({line_of(task.path() / "status", "Name:"),
                       line_of(task.path() / "status", "Cpus_allowed_list:"), ::sched_getscheduler(id)});
  }
  return threads;
}

bool is_vcpu(const Thread& thread) { return thread.name.starts_with("CPU "); }

std::ptrdiff_t vcpus_of(const std::vector<Thread>& threads) {
  return std::count_if(threads.begin(), threads.end(), is_vcpu);
}

class PerformanceModeVm : public VmCase {
 protected:
  void run(const std::string& topology, const std::string& performance_mode) {
    on_note = [this](const std::string& text) {
      const std::lock_guard lock(notes_mutex_);
      notes.push_back(text);
    };
    std::jthread look([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        for (const pid_t pid : qemu_children()) {
          // Threads get their place before the guest is let go, and go one by one when it ends: the last look
          // at most of them is at one that runs.
          if (const std::vector<Thread> now = threads_of(pid); vcpus_of(now) >= vcpus_of(seen)) seen = now;
          std::ifstream maps("/proc/" + std::to_string(pid) + "/numa_maps");
          for (std::string line; std::getline(maps, line);) {
            if (line.find("ktstr-guest") != std::string::npos) memory = line;
          }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    });
    const TestRecord record = run_one(
        R"({"name": "mine", "topology": ")" + topology + R"(", "duration_ms": 700, "performance_mode": )" +
        performance_mode + R"(, "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]})");
    look.request_stop();
    look.join();
    EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
    for (const Thread& thread : seen) (is_vcpu(thread) ? vcpus : others).push_back(thread);
  }

  std::vector<std::string> notes;
  std::vector<Thread> seen, vcpus, others;
  std::string memory;

 private:
  std::mutex notes_mutex_;
};

std::string all_cpus() { return line_of("/proc/self/status", "Cpus_allowed_list:"); }

TEST_F(PerformanceModeVm, ItsVcpuHasACpuForItselfAndIsBeforeOrdinaryThreads) {
  run("1n1l1c1t", "true");
  ASSERT_EQ(vcpus.size(), 1U);
  EXPECT_THAT(vcpus[0].allowed, Not(HasSubstr("-"))) << "one CPU";
  EXPECT_THAT(vcpus[0].allowed, Not(HasSubstr(",")));
  // On a host of one CPU, and without the permission, it is told that it is not before them.
  const bool refused = std::any_of(notes.begin(), notes.end(), [](const std::string& note) {
    return note.find("refused to run vCPUs in real-time order") != std::string::npos ||
           note.find("vCPUs do not run in real-time order") != std::string::npos;
  });
  if (all_cpus().find_first_of("-,") == std::string::npos) {
    EXPECT_TRUE(refused) << "a host of one CPU";
  }
  EXPECT_EQ(vcpus[0].policy, refused ? SCHED_OTHER : SCHED_FIFO);
  for (const Thread& thread : others) {
    EXPECT_EQ(thread.allowed, all_cpus()) << thread.name;
    EXPECT_EQ(thread.policy, SCHED_OTHER) << thread.name;
  }
  const bool small = memory.find(" huge") == std::string::npos;
  EXPECT_EQ(small, std::any_of(notes.begin(), notes.end(),
                               [](const std::string& note) {
                                 return note.find("its memory is of small pages") != std::string::npos;
                               }))
      << memory;
  EXPECT_THAT(memory, AnyOf("", HasSubstr(" bind:")));
}

TEST_F(PerformanceModeVm, NoOtherTestHasAnyOfIt) {
  run("1n1l1c1t", "false");
  ASSERT_EQ(vcpus.size(), 1U);
  EXPECT_EQ(vcpus[0].allowed, all_cpus());
  EXPECT_EQ(vcpus[0].policy, SCHED_OTHER);
  EXPECT_THAT(memory, AnyOf("", HasSubstr(" default ")));
  EXPECT_THAT(notes, Each(Not(HasSubstr("small pages"))));
}

/// Lets the test, and all that it starts, have no more than two CPUs, however many the host has.
class OnTwoCpus {
 public:
  OnTwoCpus() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t two;
    CPU_ZERO(&two);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&two) < 2; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &two);
    }
    count = static_cast<unsigned>(CPU_COUNT(&two));
    ::sched_setaffinity(0, sizeof two, &two);
  }
  ~OnTwoCpus() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OnTwoCpus(const OnTwoCpus&) = delete;
  OnTwoCpus& operator=(const OnTwoCpus&) = delete;

  unsigned count = 0;

 private:
  cpu_set_t before_{};
};

// More vCPUs than the test has CPUs of the host.
TEST_F(PerformanceModeVm, WhereThereAreTooFewCpusNothingIsBoundAndThatIsTold) {
  const OnTwoCpus few;
  const unsigned many = few.count + 1;
  run("1n1l" + std::to_string(many) + "c1t", "true");
  ASSERT_EQ(vcpus.size(), many);
  for (const Thread& vcpu : vcpus) {
    EXPECT_EQ(vcpu.allowed, all_cpus());
    EXPECT_EQ(vcpu.policy, SCHED_OTHER);
  }
  EXPECT_THAT(notes, Contains(HasSubstr("vCPUs are bound to no host CPU")));
}

}  // namespace
}  // namespace ktstr::vm
