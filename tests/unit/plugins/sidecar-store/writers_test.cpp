// SPDX-License-Identifier: Apache-2.0
// What several processes can do to one run at once.
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "store_fixture.hpp"

namespace ktstr::fs_store {
namespace {

template <typename Body>
pid_t in_a_child(Body&& body) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  try {
    body();
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

FsStore patient_store(const std::string& root) {
  return FsStore(Options{root, {}, std::chrono::seconds(60), [] { return false; }});
}

void expect_all_well(const std::vector<pid_t>& children) {
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

TEST_F(StoreTest, ManyProcessesOfOneInvocationKeepEachOthersSidecars) {
  {
    FsStore fs = store();
    put(fs, "k-c", "before", "old.ktstr.json", "{}");
  }
  std::vector<pid_t> children;
  for (int i = 0; i < 16; ++i) {
    children.push_back(in_a_child([&, i] {
      FsStore fs = patient_store(root);
      put(fs, "k-c", "one", "t" + std::to_string(i) + ".ktstr.json", std::string(5000, 'x'));
    }));
  }
  expect_all_well(children);
  EXPECT_EQ(names(root + "/k-c").size(), 16U) << "the old sidecar is gone, all new ones are there";
}

TEST_F(StoreTest, ManyProcessesOfTwoInvocationsClearTwiceAndTearNothing) {
  for (int round = 0; round < 10; ++round) {
    const std::string a = "a" + std::to_string(round), b = "b" + std::to_string(round);
    {
      FsStore fs = store();
      put(fs, "k-c", "before" + std::to_string(round), "old.ktstr.json", "{}");
    }
    std::vector<pid_t> children;
    for (int i = 0; i < 16; ++i) {
      children.push_back(in_a_child([&, i] {
        FsStore fs = patient_store(root);
        const std::string& session = i % 2 == 0 ? a : b;
        put(fs, "k-c", session, session + "-" + std::to_string(i) + ".ktstr.json",
            std::string(5000, session.front()));
      }));
    }
    expect_all_well(children);
    std::size_t of_a = 0, of_b = 0;
    for (const std::string& name : names(root + "/k-c")) {
      EXPECT_EQ(read(root + "/k-c/" + name), std::string(5000, name.front()));
      ++(name.starts_with(a + "-") ? of_a : of_b);
    }
    // The second invocation to start clears what the first one wrote so far, and nobody clears the second
    // one's.
    EXPECT_EQ(std::max(of_a, of_b), 8U) << of_a << " and " << of_b;
    EXPECT_FALSE(std::filesystem::exists(root + "/k-c/old.ktstr.json"));
  }
}

TEST_F(StoreTest, AWriterKilledAtAnyInstantLeavesAWholeFileAndNoLock) {
  constexpr int kKills = 200;
  FsStore fs = patient_store(root);
  const std::string name = "t.ktstr.json", path = root + "/k-c/" + name;
  put(fs, "k-c", "s", name, std::string(200'000, 'a'));
  put(fs, "k-c", "s", "older.ktstr.json", "older");
  std::mt19937 random(7);
  for (int i = 0; i < kKills; ++i) {
    const pid_t child = in_a_child([&] {
      FsStore mine = patient_store(root);
      for (char c = 'b';; c = c == 'z' ? 'a' : static_cast<char>(c + 1))
        put(mine, "k-c", "s", name, std::string(200'000, c));
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string bytes = read(path);
    ASSERT_EQ(bytes.size(), 200'000U);
    ASSERT_EQ(bytes, std::string(200'000, bytes.front())) << "torn";
    ASSERT_EQ(read(root + "/k-c/older.ktstr.json"), "older") << "lost";
  }
  FsStore impatient = store();
  put(impatient, "k-c", "s", "last.ktstr.json",
      "{}");  // takes the lock at once and sweeps what the killed ones left
  EXPECT_EQ(names(root + "/k-c"), (std::vector<std::string>{"last.ktstr.json", "older.ktstr.json", name}));
}

TEST_F(StoreTest, AWriterKilledWhileItPutsARunAsideLosesNothing) {
  const auto keeping_store = [&] {
    Options options{root, {}, std::chrono::seconds(60), [] { return false; }};
    options.history_keep = 1000;
    return FsStore(options);
  };
  std::mt19937 random(11);
  for (int i = 0; i < 50; ++i) {
    const std::string key = "k-" + std::to_string(i);
    {
      FsStore fs = keeping_store();
      for (int n = 0; n < 20; ++n) put(fs, key, "first", "t" + std::to_string(n) + ".ktstr.json", "old");
    }
    const pid_t child = in_a_child([&] {
      FsStore mine = keeping_store();
      put(mine, key, "second", "new.ktstr.json", "new");
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 6000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    FsStore fs = keeping_store();
    put(fs, key, "second", "newer.ktstr.json", "new");  // goes on where the killed one stopped
    std::size_t kept = 0;
    for (const ListedRun& entry : history_of(fs)) {
      if (entry.key.starts_with(".history/" + key + "/")) kept += sidecars_of(fs, entry.key).size();
    }
    EXPECT_EQ(kept, 20U);
    for (const std::string& sidecar : sidecars_of(fs, key))
      EXPECT_TRUE(sidecar.starts_with("new")) << sidecar;
  }
}

TEST_F(StoreTest, AFullDiskLeavesTheOldSidecarAndSaysWhy) {
  {
    FsStore fs = store();
    put(fs, "k-c", "s", "t.ktstr.json", "old");
  }
  const std::string report = base + "/report";
  const pid_t child = in_a_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small = {1000,
                          1000};  // a write beyond fails like one on a full disk, in the middle of the file
    ::setrlimit(RLIMIT_FSIZE, &small);
    FsStore fs = store();
    const auto [status, message] =
        failure_of([&] { put(fs, "k-c", "s", "t.ktstr.json", std::string(5000, 'x')); });
    write(report, std::to_string(status) + " " + message);
  });
  expect_all_well({child});
  EXPECT_EQ(read(report),
            std::to_string(KTSTR_IO) + " cannot write " + root + "/k-c/t.ktstr.json: File too large");
  EXPECT_EQ(read(root + "/k-c/t.ktstr.json"), "old");
  EXPECT_EQ(names(root + "/k-c"), std::vector<std::string>{"t.ktstr.json"});
}

}  // namespace
}  // namespace ktstr::fs_store
