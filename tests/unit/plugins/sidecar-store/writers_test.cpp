// SPDX-License-Identifier: Apache-2.0
// What several processes can do to one run at once.
#include <signal.h>
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

FsStore patient_store(const std::string& root) { return FsStore(Options{root, {}, std::chrono::seconds(60), [] { return false; }}); }

TEST_F(StoreTest, ManyProcessesOfOneInvocationKeepEachOthersSidecars) {
  { FsStore fs = store(); put(fs, "k-c", "before", "old.ktstr.json", "{}"); }
  std::vector<pid_t> children;
  for (int i = 0; i < 16; ++i) {
    children.push_back(in_a_child([&, i] {
      FsStore fs = patient_store(root);
      put(fs, "k-c", "one", "t" + std::to_string(i) + ".ktstr.json", std::string(5000, 'x'));
    }));
  }
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(names(root + "/k-c").size(), 16U) << "the old sidecar is gone, all new ones are there";
}

TEST_F(StoreTest, AWriterKilledAtAnyInstantLeavesAWholeFileAndNoLock) {
  FsStore fs = patient_store(root);
  const std::string name = "t.ktstr.json", path = root + "/k-c/" + name;
  put(fs, "k-c", "s", name, std::string(200'000, 'a'));
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) {
    const pid_t child = in_a_child([&] {
      FsStore mine = patient_store(root);
      for (char c = 'b';; c = c == 'z' ? 'a' : static_cast<char>(c + 1)) put(mine, "k-c", "s", name, std::string(200'000, c));
    });
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const std::string bytes = read(path);
    ASSERT_EQ(bytes.size(), 200'000U);
    ASSERT_EQ(bytes, std::string(200'000, bytes.front())) << "torn";
  }
  put(fs, "k-c", "another", name, "{}");  // takes the lock at once and sweeps what the killed ones left
  EXPECT_EQ(names(root + "/k-c"), std::vector<std::string>{name});
}

}  // namespace
}  // namespace ktstr::fs_store
