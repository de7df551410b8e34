// SPDX-License-Identifier: Apache-2.0
#include "machine/host_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <condition_variable>
#include <fstream>
#include <mutex>

#include "framework/temp_tree.hpp"
#include "machine/guest_memory.hpp"
#include "machine/qmp.hpp"
#include "monitor_of_tests.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TempTree;

/// As QEMU 10.0.2 said it of -smp 2,threads=2, but for two things: the second vCPU stands first, and the ids
/// are those of threads here.
std::string recorded(pid_t first, pid_t second) {
  const auto cpu = [](int index, pid_t thread) {
    return R"({"thread-id": )" + std::to_string(thread) + R"(, "props": {"core-id": 0, "thread-id": )" +
           std::to_string(index) + R"(, "socket-id": 0}, "qom-path": "/machine/unattached/device[)" +
           std::to_string(2 * index) + R"(]", "cpu-index": )" + std::to_string(index) +
           R"(, "target": "x86_64"})";
  };
  return R"({"return": [)" + cpu(1, second) + ", " + cpu(0, first) + "]}\r\n";
}

/// A thread that is there until the test ends.
class Idle {
 public:
  Idle() {
    std::unique_lock lock(mutex_);
    thread_ = std::thread([this] {
      std::unique_lock own(mutex_);
      id_ = ::gettid();
      changed_.notify_all();
      changed_.wait(own, [this] { return over_; });
    });
    changed_.wait(lock, [this] { return id_ != 0; });
  }
  ~Idle() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    const sched_param ordinary{};
    ::sched_setscheduler(id_, SCHED_OTHER, &ordinary);  // or it waits for a guest that has its CPU
    thread_.join();
  }
  pid_t id() const { return id_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  pid_t id_ = 0;
  std::thread thread_;
};

std::vector<std::uint32_t> cpus_of(pid_t task) {
  std::vector<std::uint32_t> cpus;
  cpu_set_t mask;
  CPU_ZERO(&mask);
  ::sched_getaffinity(task, sizeof mask, &mask);
  for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mask)) cpus.push_back(cpu);
  }
  return cpus;
}

struct PlacedVcpus : ::testing::Test {
  TempTree tree;
  Idle first, second;
  std::vector<std::uint32_t> own = cpus_of(0);
  std::vector<std::string> asked;

  std::vector<std::string> place(const HostPlan& plan, const std::string& answer) {
    Monitor monitor(tree / "qmp", {kGreeting, kDone, answer});
    std::vector<std::string> problems;
    {
      Qmp qmp(tree / "qmp", Qmp::Clock::now() + std::chrono::seconds(5), [] { return true; });
      problems = place_vcpus(qmp, plan, Qmp::Clock::now() + std::chrono::seconds(5));
    }
    asked = monitor.asked();
    return problems;
  }
};

TEST_F(PlacedVcpus, EachIsOnItsCpuInTheirOrder) {
  const HostPlan plan{{own.back(), own.front()}, false, false, {}};
  EXPECT_THAT(place(plan, recorded(first.id(), second.id())), IsEmpty());
  EXPECT_THAT(asked, ElementsAre(R"({"execute":"qmp_capabilities"})", R"({"execute":"query-cpus-fast"})"));
  EXPECT_THAT(cpus_of(first.id()), ElementsAre(own.back()));
  EXPECT_THAT(cpus_of(second.id()), ElementsAre(own.front()));
  EXPECT_EQ(::sched_getscheduler(first.id()), SCHED_OTHER);
}

TEST_F(PlacedVcpus, RealTimeOrderIsThereOrIsToldOnce) {
  const HostPlan plan{{own.front(), own.back()}, true, false, {}};
  const std::vector<std::string> problems = place(plan, recorded(first.id(), second.id()));
  if (problems.empty()) {
    for (const pid_t task : {first.id(), second.id()}) {
      sched_param priority{};
      ::sched_getparam(task, &priority);
      EXPECT_EQ(::sched_getscheduler(task), SCHED_FIFO);
      EXPECT_EQ(priority.sched_priority, 1);
    }
    return;
  }
  EXPECT_THAT(problems,
              ElementsAre(HasSubstr("refused to run vCPUs in real-time order: Operation not permitted "
                                    "(CAP_SYS_NICE or ulimit -r 1; see ktstr doctor)")));
  EXPECT_EQ(::sched_getscheduler(first.id()), SCHED_OTHER);
}

TEST_F(PlacedVcpus, ACpuThatIsNotThereIsTold) {
  const HostPlan plan{{1000, own.front()}, false, false, {}};
  EXPECT_THAT(place(plan, recorded(first.id(), second.id())),
              ElementsAre("the host refused to bind vCPU 0 to CPU 1000: Invalid argument"));
  EXPECT_THAT(cpus_of(second.id()), ElementsAre(own.front()));
}

TEST_F(PlacedVcpus, WithoutAPlanNobodyIsAsked) {
  EXPECT_THAT(place({}, recorded(first.id(), second.id())), IsEmpty());
  EXPECT_EQ(asked.size(), 1U);
  EXPECT_EQ(cpus_of(first.id()), own);
}

TEST_F(PlacedVcpus, AnotherNumberOfVcpusIsToldAndNothingIsBound) {
  const HostPlan plan{{own.front()}, false, false, {}};
  EXPECT_THAT(place(plan, recorded(first.id(), second.id())),
              ElementsAre("QEMU tells of 2 vCPUs, not of 1: none is bound to a host CPU"));
  EXPECT_EQ(cpus_of(first.id()), own);
}

constexpr std::uint64_t kSize = 8 << 20;

/// What the kernel says of the policy of a node's memory (numa_maps), once it is mapped here.
std::string policy_of(const GuestMemory& memory) {
  void* mapped = ::mmap(nullptr, kSize, PROT_READ, MAP_SHARED, memory.node(0).fd, 0);
  char address[32];
  std::snprintf(address, sizeof address, "%lx ", reinterpret_cast<unsigned long>(mapped));
  std::ifstream maps("/proc/self/numa_maps");
  std::string line;
  while (std::getline(maps, line) && !line.starts_with(address)) continue;
  ::munmap(mapped, kSize);
  return line.starts_with(address) ? line.substr(line.find(' ') + 1) : "";
}

TEST(GuestMemoryOfAPlan, IsOnItsNodesWhoeverTouchesIt) {
  const HostPlan bound{{}, false, false, {0}};
  if (::access("/proc/self/numa_maps", R_OK) != 0) {  // a kernel without NUMA, which no plan names nodes of
    EXPECT_THROW(GuestMemory({kSize}, bound), FileError);
    return;
  }
  EXPECT_THAT(policy_of(GuestMemory({kSize}, bound)), HasSubstr("bind:0"));
  EXPECT_THAT(policy_of(GuestMemory({kSize})), HasSubstr("default"));
}

TEST(GuestMemoryOfAPlan, IsOfHugePagesWhereTheyAreAndOfSmallOnesElsewhere) {
  long free_pages = 0;
  std::ifstream("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages") >> free_pages;
  const GuestMemory memory({kSize}, {{}, false, true, {}});
  EXPECT_EQ(memory.short_of_huge_pages(), free_pages < 4);
  void* mapped = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, memory.node(0).fd, 0);
  ASSERT_NE(mapped, MAP_FAILED);
  static_cast<char*>(mapped)[kSize - 1] = 1;
  ::munmap(mapped, kSize);
}

}  // namespace
}  // namespace ktstr::kvm
