// SPDX-License-Identifier: Apache-2.0
#include "agent/work/locks.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <new>

#include "agent/work/tools.hpp"

namespace ktstr::agent {
namespace {

constexpr std::uint32_t kMembers = 4;
constexpr std::uint64_t kRounds = 20'000;

struct Shared {
  GroupShared group{};
  std::atomic<std::uint32_t> stop{0}, pauses{0};
  volatile std::uint64_t plain = 0;  ///< right only when one at a time adds to it
  std::array<std::atomic<std::uint32_t>, kMembers> passed{};
};

/// Runs `member` in as many processes as a group has, which share memory; all must end well.
class Group {
 public:
  Group()
      : memory_(::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    shared_ = new (memory_) Shared;
  }
  ~Group() { ::munmap(memory_, sizeof(Shared)); }

  Shared& run(const std::function<void(WorkContext&, Shared&)>& member) {
    for (std::uint32_t index = 0; index < kMembers; ++index) {
      if (::fork() == 0) {
        WorkerReport report;
        Random random(index);
        Telemetry telemetry(report, {}, 0, random, shared_->pauses);
        const kvm::Work work{kvm::find_work_type("SpinWait"), {}};
        WorkContext context{.work = work,
                            .stop = shared_->stop,
                            .group = shared_->group,
                            .cells = {},
                            .index_in_group = index,
                            .group_size = kMembers,
                            .telemetry = telemetry,
                            .random = random};
        member(context, *shared_);
        ::_exit(0);
      }
    }
    for (std::uint32_t ended = 0; ended < kMembers; ++ended) {
      int status = 0;
      EXPECT_GT(::wait(&status), 0);
      EXPECT_EQ(status, 0);
    }
    return *shared_;
  }

 private:
  void* memory_;
  Shared* shared_ = nullptr;
};

TEST(Lock, OneAtATime) {
  Group group;
  const Shared& shared = group.run([](WorkContext& c, Shared& all) {
    for (std::uint64_t round = 0; round < kRounds && take(c, c.group.words[0]); ++round) {
      all.plain = all.plain + 1;
      if (round % 64 == 0) ::sched_yield();
      give_back(c.group, c.group.words[0]);
    }
  });
  EXPECT_EQ(shared.plain, kMembers * kRounds);
  EXPECT_EQ(shared.group.words[0].load(), 0U);
}

TEST(PiLock, OneAtATime) {
  Group group;
  const Shared& shared = group.run([](WorkContext& c, Shared& all) {
    for (std::uint64_t round = 0; round < kRounds && take_pi(c, c.group.words[0]); ++round) {
      all.plain = all.plain + 1;
      if (round % 64 == 0) ::sched_yield();
      give_back_pi(c.group, c.group.words[0]);
    }
  });
  EXPECT_EQ(shared.plain, kMembers * kRounds);
  EXPECT_EQ(shared.group.words[0].load(), 0U);
}

TEST(Lock, IsNotHadWhenStopped) {
  Group group;
  const Shared& shared = group.run([](WorkContext& c, Shared& all) {
    all.stop = 1;
    c.group.words[0].store(2);  // somebody has it
    all.passed[c.index_in_group] = take(c, c.group.words[0]) ? 1 : 0;
  });
  for (const auto& passed : shared.passed) EXPECT_EQ(passed.load(), 0U);
}

TEST(Barrier, NobodyIsARoundAhead) {
  Group group;
  const Shared& shared = group.run([](WorkContext& c, Shared& all) {
    for (std::uint32_t round = 1; round <= 500; ++round) {
      all.passed[c.index_in_group] = round;
      await_all(c, c.group.words[0], c.group.words[1]);
      for (const auto& other : all.passed) {
        if (other.load() < round || other.load() > round + 1) ::_exit(1);
      }
    }
  });
  EXPECT_EQ(shared.passed[0].load(), 500U);
}

TEST(Bell, EveryRingIsHeardOnceByItsMember) {
  Group group;
  const Shared& shared = group.run([](WorkContext& c, Shared& all) {
    const std::uint32_t next = (c.index_in_group + 1) % kMembers;
    for (std::uint32_t round = 0; round < 2000; ++round) {
      if (c.index_in_group != 0 || round != 0) {
        if (await_ring(c) == Rung::kNo) ::_exit(1);
      }
      all.plain = all.plain + 1;  // whose turn it is
      if (all.plain % kMembers != next) ::_exit(2);
      if (c.index_in_group != kMembers - 1 || round != 1999) ring(c.group, next, now_ns());
    }
  });
  EXPECT_EQ(shared.plain, kMembers * 2000);
}

}  // namespace
}  // namespace ktstr::agent
