// SPDX-License-Identifier: Apache-2.0
// Sessions of repeated runs, removing things, and locks that nobody needs.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ktstr/kit/lock.hpp>

#include "store_fixture.hpp"

namespace ktstr::fs_store {
namespace {

class SessionTest : public StoreTest {
 protected:
  FsStore store_keeping(std::uint64_t keep) const {
    Options options{root, {}, std::chrono::milliseconds(200), [] { return false; }};
    options.sessions_keep = keep;
    return FsStore(options);
  }
  static void pass(FsStore& fs, const std::string& session, const std::string& name,
                   const std::string& sidecar) {
    const auto run = fs.begin_run({session + "/" + name, "s", {}, true, false});
    run->put({sidecar, "{}"});
    run->end(true);
  }
  static std::string measured(FsStore& fs, const std::string& plan) {
    const auto session = fs.begin_session(plan, false);
    pass(fs, session->key(), "base-abc-0", "t.ktstr.json");
    session->end();
    return session->key();
  }
  static std::vector<std::string> sessions_of(FsStore& fs) {
    return keys_of(listed([&](const sdk::RunVisitor& visit) { fs.list_sessions(visit); }));
  }
  static std::vector<std::string> tidied(FsStore& fs, bool dry_run) {
    return keys_of(listed([&](const sdk::RunVisitor& visit) { fs.tidy(dry_run, visit); }));
  }
};

TEST_F(SessionTest, TwoOfOnePlanNeverShareAPlace) {
  FsStore fs = store_keeping(20);
  std::string first, second;
  {
    const auto a = fs.begin_session("plan", false), b = fs.begin_session("plan", false);
    first = a->key(), second = b->key();
    pass(fs, first, "base-abc-0", "t.ktstr.json");
    pass(fs, second, "base-abc-0", "u.ktstr.json");
    a->end();
    b->end();
  }
  EXPECT_NE(first, second);
  EXPECT_TRUE(first.starts_with(".sessions/plan-")) << first;
  EXPECT_EQ(sidecars_of(fs, first), std::vector<std::string>{"base-abc-0/t.ktstr.json"});
  EXPECT_EQ(sidecars_of(fs, second), std::vector<std::string>{"base-abc-0/u.ktstr.json"});
  EXPECT_EQ(read_through(fs, second, "base-abc-0/u.ktstr.json"), "{}");
  EXPECT_TRUE(runs_of(fs).empty()) << "no runs";
  EXPECT_EQ(failure_of([&] { pass(fs, first, "head-abc-0", "t.ktstr.json"); }).first, KTSTR_INVALID_ARGUMENT)
      << "it is not held any more";
}

TEST_F(SessionTest, IsResumedByItsPlanOrItsOwnName) {
  FsStore fs = store_keeping(20);
  const std::string key = measured(fs, "plan");
  EXPECT_EQ(fs.begin_session("plan", true)->key(), key);
  EXPECT_EQ(fs.begin_session(key.substr(key.rfind('/') + 1), true)->key(), key);
  EXPECT_NE(fs.begin_session("pla", true)->key(), key) << "another plan";
  EXPECT_EQ(sessions_of(fs).size(), 1U) << "nothing was measured in that one";
}

TEST_F(SessionTest, AHeldOneIsLeftAloneByEverybody) {
  FsStore fs = store_keeping(1);
  const auto held = fs.begin_session("plan", false);
  FsStore other = store_keeping(1);
  EXPECT_EQ(failure_of([&] { other.begin_session("plan", true); }).first, KTSTR_CONFLICT);
  EXPECT_EQ(failure_of([&] { other.remove(held->key()); }).first, KTSTR_CONFLICT);
  pass(fs, held->key(), "base-abc-0", "t.ktstr.json");
  EXPECT_EQ(failure_of([&] { other.remove(held->key() + "/base-abc-0"); }).first, KTSTR_NOT_FOUND);
  EXPECT_EQ(sidecars_of(fs, held->key()), std::vector<std::string>{"base-abc-0/t.ktstr.json"})
      << "no part of it either";
  for (int i = 0; i < 3; ++i) measured(other, "another");
  const std::vector<std::string> left = sessions_of(other);
  EXPECT_NE(std::find(left.begin(), left.end(), held->key()), left.end());
}

TEST_F(SessionTest, OldOnesGoWhenOneEnds) {
  FsStore fs = store_keeping(2);
  std::uint64_t removed = 0;
  std::string last;
  for (int i = 0; i < 5; ++i) {
    const auto session = fs.begin_session("plan", false);
    last = session->key();
    pass(fs, last, "base-abc-0", "t.ktstr.json");
    removed += session->end();
  }
  EXPECT_EQ(removed, 3U);
  const std::vector<std::string> left = sessions_of(fs);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left.front(), last);
  fs.remove(last);
  EXPECT_EQ(sessions_of(fs).size(), 1U);
  EXPECT_EQ(failure_of([&] { fs.remove(last); }).first, KTSTR_NOT_FOUND);
}

TEST_F(SessionTest, AKilledHolderHoldsNothing) {
  const pid_t child = ::fork();
  if (child == 0) {
    FsStore fs = store_keeping(20);
    const auto held = fs.begin_session("plan", false);
    pass(fs, held->key(), "base-abc-0", "t.ktstr.json");
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  FsStore fs = store_keeping(20);
  ASSERT_EQ(sessions_of(fs).size(), 1U);
  EXPECT_EQ(fs.begin_session("plan", true)->key(), sessions_of(fs).front());
}

TEST_F(SessionTest, ARunIsRemovedButForWhatOthersPutThere) {
  FsStore fs = store();
  put(fs, "k-c", "s", "t.ktstr.json", "{}");
  write(root + "/k-c/job-1/deep.ktstr.json", "{}");
  fs.remove("k-c");
  EXPECT_FALSE(std::filesystem::exists(root + "/k-c"));
  EXPECT_TRUE(names(root + "/.locks").empty());

  put(fs, "k-c", "s", "t.ktstr.json", "{}");
  write(root + "/k-c/notes.txt", "mine");
  EXPECT_NE(failure_of([&] { fs.remove("k-c"); }).second.find("other files are left"), std::string::npos);
  EXPECT_EQ(names(root + "/k-c"), std::vector<std::string>{"notes.txt"});

  const auto open = fs.begin_run(request("k-d", "s"));
  open->put({"t.ktstr.json", "{}"});
  EXPECT_EQ(failure_of([&] { fs.remove("k-d"); }).first, KTSTR_CONFLICT) << "it is being written";
}

TEST_F(SessionTest, LocksOfRunsThatAreGoneAreTidiedUp) {
  FsStore fs = store();
  put(fs, "k-c", "s", "t.ktstr.json", "{}");
  put(fs, "k-d", "s", "t.ktstr.json", "{}");
  put(fs, "k-e", "s", "t.ktstr.json", "{}");
  std::filesystem::remove_all(root + "/k-c");
  std::filesystem::remove_all(root + "/k-d");
  std::filesystem::create_directories(root + "/.sessions/.gone-0123/base-0");
  const kit::HeldLock held = kit::HeldLock::try_take(root + "/.locks/k-d.lock", O_RDWR);
  const auto before = names(root + "/.locks");
  EXPECT_EQ(tidied(fs, true),
            (std::vector<std::string>{".sessions/.gone-0123", ".locks/k-c.lock", ".locks/k-c.session"}));
  EXPECT_EQ(names(root + "/.locks"), before) << "a dry run";
  tidied(fs, false);
  EXPECT_EQ(names(root + "/.locks"),
            (std::vector<std::string>{"k-d.lock", "k-d.session", "k-e.lock", "k-e.session"}));
  EXPECT_TRUE(names(root + "/.sessions").empty());
}

}  // namespace
}  // namespace ktstr::fs_store
