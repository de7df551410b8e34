// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <ktstr/kit/lock.hpp>
#include <thread>

#include "history.hpp"
#include "remote_filesystem.hpp"
#include "run_directory.hpp"
#include "store_fixture.hpp"

namespace ktstr::fs_store {
namespace {

TEST_F(StoreTest, ReadsBackExactlyWhatWasPut) {
  FsStore fs = store();
  const std::string bytes("{\"a\": \"\0\xff\"}", 11);
  put(fs, "6.18.1-abc1234", "s1", "t-0123456789abcdef.ktstr.json", bytes);
  EXPECT_EQ(read_through(fs, "6.18.1-abc1234", "t-0123456789abcdef.ktstr.json"), bytes);
  EXPECT_EQ(names(root + "/6.18.1-abc1234"), std::vector<std::string>{"t-0123456789abcdef.ktstr.json"})
      << "no temporary file may stay";
}

TEST_F(StoreTest, NothingIsMadeBeforeTheFirstPut) {
  FsStore fs = store();
  fs.begin_run(request("6.18.1-abc1234", "s1"))->end(true);
  EXPECT_FALSE(std::filesystem::exists(root));
}

TEST_F(StoreTest, TheFirstWriteOfAnotherInvocationClearsSidecarsAndDumpsAtTheTopOnly) {
  FsStore fs = store();
  const std::string run = root + "/6.18.1-abc1234";
  put(fs, "6.18.1-abc1234", "s1", "old.ktstr.json", "{}");
  write(run + "/old.failure-dump.json", "{}");
  write(run + "/notes.txt", "keep");
  write(run + "/other.json", "keep");
  write(run + "/job-1/deep.ktstr.json", "{}");
  put(fs, "6.18.1-abc1234", "s2", "new.ktstr.json", "{}");
  EXPECT_EQ(names(run), (std::vector<std::string>{"job-1", "new.ktstr.json", "notes.txt", "other.json"}));
  EXPECT_EQ(sidecars_of(fs, "6.18.1-abc1234"),
            (std::vector<std::string>{"job-1/deep.ktstr.json", "new.ktstr.json"}));
}

TEST_F(StoreTest, WritersOfOneInvocationDoNotClearEachOther) {
  FsStore first = store(), second = store();
  put(first, "6.18.1-abc1234", "s1", "a.ktstr.json", "{}");
  put(second, "6.18.1-abc1234", "s1", "b.ktstr.json", "{}");
  EXPECT_EQ(sidecars_of(first, "6.18.1-abc1234"), (std::vector<std::string>{"a.ktstr.json", "b.ktstr.json"}));
}

TEST_F(StoreTest, WithoutPreclearOldSidecarsStay) {
  FsStore fs = store();
  put(fs, "k-c", "s1", "a.ktstr.json", "{}");
  put(fs, "k-c", "s2", "b.ktstr.json", "{}", 0);
  EXPECT_EQ(sidecars_of(fs, "k-c").size(), 2U);
}

TEST_F(StoreTest, ADirectoryOfTheUsersOwnIsUsedAsItIs) {
  const std::string own = base + "/own";
  write(own + "/old.ktstr.json", "{}");
  FsStore fs(Options{root, own, std::chrono::milliseconds(100), [] { return false; }});
  put(fs, "6.18.1-abc1234", "s1", "new.ktstr.json", "{}");
  EXPECT_EQ(names(own), (std::vector<std::string>{"new.ktstr.json", "old.ktstr.json"}));
  EXPECT_FALSE(std::filesystem::exists(root)) << "no lock directory under an override";
  EXPECT_EQ(keys_of(runs_of(fs)), std::vector<std::string>{"own"});
}

TEST_F(StoreTest, RunsAreListedNewestFirstWithoutHiddenOnes) {
  FsStore fs = store();
  write(root + "/old-run/a.ktstr.json", "{}");
  write(root + "/new-run/a.ktstr.json", "{}");
  write(root + "/new-run/b.failure-dump.json", "{}");
  std::filesystem::create_directories(root + "/empty-run");
  std::filesystem::create_directories(root + "/.locks");
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(root + "/old-run", now - std::chrono::hours(2));
  std::filesystem::last_write_time(root + "/empty-run", now - std::chrono::hours(3));
  std::filesystem::last_write_time(root + "/new-run", now);
  EXPECT_EQ(keys_of(runs_of(fs)), (std::vector<std::string>{"new-run", "old-run", "empty-run"}));
  EXPECT_EQ(sidecars_of(fs, "new-run"), std::vector<std::string>{"a.ktstr.json"})
      << "a failure dump is no sidecar";
  EXPECT_TRUE(sidecars_of(fs, "empty-run").empty());
}

TEST_F(StoreTest, NamesThatLeaveTheRootAreRefused) {
  FsStore fs = store();
  for (const std::string key : {"", ".", "..", "../x", "/etc", "a/../b", "a//b", "a/"}) {
    EXPECT_EQ(failure_of([&] { put(fs, key, "s", "a.ktstr.json", "{}"); }).first, KTSTR_INVALID_ARGUMENT)
        << key;
    EXPECT_EQ(failure_of([&] { sidecars_of(fs, key); }).first, KTSTR_INVALID_ARGUMENT) << key;
  }
  for (const std::string name : {"../a.ktstr.json", "/a.ktstr.json", "x/../../a.ktstr.json"}) {
    EXPECT_EQ(failure_of([&] { put(fs, "k-c", "s", name, "{}"); }).first, KTSTR_INVALID_ARGUMENT) << name;
    EXPECT_EQ(failure_of([&] { read_through(fs, "k-c", name); }).first, KTSTR_INVALID_ARGUMENT) << name;
  }
  EXPECT_EQ(failure_of([&] { put(fs, "k-c", "s", "a.json", "{}"); }).first, KTSTR_INVALID_ARGUMENT);
  EXPECT_EQ(failure_of([&] { sidecars_of(fs, "missing"); }).first, KTSTR_NOT_FOUND);
}

TEST_F(StoreTest, ALinkInPlaceOfASidecarIsNotFollowed) {
  FsStore fs = store();
  write(base + "/secret", "secret");
  std::filesystem::create_directories(root + "/k-c");
  std::filesystem::create_symlink(base + "/secret", root + "/k-c/a.ktstr.json");
  write(base + "/outside/job/x.ktstr.json", "secret");
  std::filesystem::create_directory_symlink(base + "/outside/job", root + "/k-c/job");
  std::filesystem::create_directory_symlink(base + "/outside", root + "/link");
  EXPECT_EQ(failure_of([&] { read_through(fs, "k-c", "job/x.ktstr.json"); }).first, KTSTR_IO);
  EXPECT_EQ(failure_of([&] { read_through(fs, "link/job", "x.ktstr.json"); }).first, KTSTR_IO);
  EXPECT_EQ(failure_of([&] { sidecars_of(fs, "link"); }).first, KTSTR_IO);
  EXPECT_EQ(failure_of([&] { sidecars_of(fs, "link/job"); }).first, KTSTR_IO);
  EXPECT_EQ(failure_of([&] { read_through(fs, "k-c", "a.ktstr.json"); }).first, KTSTR_IO);
  put(fs, "k-c", "s1", "a.ktstr.json", "{}", false);
  EXPECT_EQ(read(base + "/secret"), "secret") << "writing replaces the link, it does not write through it";
}

TEST_F(StoreTest, AHeldLockNamesItsHolder) {
  FsStore fs = store();
  put(fs, "k-c", "s1", "a.ktstr.json", "{}");
  const int fd = ::open((root + "/.locks/k-c.lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  const auto [status, message] = failure_of([&] { put(fs, "k-c", "s1", "b.ktstr.json", "{}"); });
  ::close(fd);
  EXPECT_EQ(status, KTSTR_CONFLICT);
  EXPECT_NE(message.find("pid " + std::to_string(::getpid()) + " ("), std::string::npos) << message;
  EXPECT_NE(message.find("sidecar-store-test"), std::string::npos) << "the command: " << message;
}

TEST_F(StoreTest, AFailedWriteLeavesTheOldFileAndNoTemporary) {
  FsStore fs = store();
  std::filesystem::create_directories(root +
                                      "/k-c/blocked.ktstr.json/inner");  // rename onto a full directory fails
  const auto [status, message] = failure_of([&] { put(fs, "k-c", "s1", "blocked.ktstr.json", "{}", 0); });
  EXPECT_EQ(status, KTSTR_IO);
  EXPECT_NE(message.find("blocked.ktstr.json"), std::string::npos);
  EXPECT_EQ(names(root + "/k-c"), std::vector<std::string>{"blocked.ktstr.json"});
}

TEST_F(StoreTest, AnInvocationClearsOnceHoweverOthersInterleave) {
  FsStore fs = store();
  put(fs, "k-c", "s1", "a.ktstr.json", "{}");
  put(fs, "k-c", "s2", "b.ktstr.json", "{}");
  put(fs, "k-c", "s1", "c.ktstr.json", "{}");
  EXPECT_EQ(sidecars_of(fs, "k-c"), (std::vector<std::string>{"b.ktstr.json", "c.ktstr.json"}))
      << "s1 had its clearing";
}

TEST_F(StoreTest, KeepsWhatItWouldClearWhenAskedTo) {
  Options options{root, {}, std::chrono::milliseconds(200), [] { return false; }};
  options.history_keep = 2;
  FsStore fs(options);
  for (const std::string session : {"s1", "s2", "s3", "s4"}) {
    put(fs, "k-c", session, "t.ktstr.json", session);
    const auto run = fs.begin_run(request("k-c", session));
    run->put({"t.failure-dump.json", session, true});
  }
  write(root + "/k-c/job-1/deep.ktstr.json", "{}");
  const std::vector<ListedRun> history = history_of(fs);
  ASSERT_EQ(history.size(), 2U) << "s1 was trimmed, s4 is the run itself";
  EXPECT_TRUE(history[0].key.starts_with(".history/k-c/")) << history[0].key;
  EXPECT_EQ(read_through(fs, history[0].key, "t.ktstr.json"), "s3");
  EXPECT_EQ(read_through(fs, history[1].key, "t.failure-dump.json"), "s2");
  EXPECT_EQ(sidecars_of(fs, history[1].key), std::vector<std::string>{"t.ktstr.json"});
  EXPECT_EQ(keys_of(runs_of(fs)), std::vector<std::string>{"k-c"}) << "the history is no run";
  fs.remove(history[0].key);
  EXPECT_EQ(history_of(fs).size(), 1U);
  EXPECT_EQ(failure_of([&] { fs.remove(history[0].key); }).first, KTSTR_NOT_FOUND);
  for (const std::string key : {"../k-c", ".history/../k-c", "k-c/job-1", ".locks", ".", ".sessions"}) {
    EXPECT_NE(failure_of([&] { fs.remove(key); }).first, KTSTR_OK) << key;
  }
  EXPECT_TRUE(std::filesystem::exists(root + "/k-c/t.ktstr.json"));
}

TEST_F(StoreTest, StampsTellWhatChanged) {
  FsStore fs = store();
  put(fs, "k-c", "s1", "a.ktstr.json", "{}");
  write(root + "/k-c/job-1/deep.ktstr.json", "{}");
  const auto stamp = [&] { return runs_of(fs).front().stamp; };
  const std::uint64_t before = stamp();
  EXPECT_NE(before, 0U);
  EXPECT_EQ(stamp(), before);
  put(fs, "k-c", "s1", "a.ktstr.json", "{}");
  const std::uint64_t replaced = stamp();
  EXPECT_NE(replaced, before);
  std::this_thread::sleep_for(
      std::chrono::milliseconds(20));  // the kernel's clock for files ticks at 1 to 10 ms
  write(root + "/k-c/job-1/another.ktstr.json", "{}");
  EXPECT_NE(stamp(), replaced) << "a level down";
}

TEST_F(StoreTest, WhatDeadWritersLeftIsSwept) {
  const std::string own = base + "/own";
  for (const std::string& directory : {root + "/k-c", own}) {
    const std::string dead = directory + "/.00000000000000aa.ktstr-tmp",
                      alive = directory + "/.00000000000000bb.ktstr-tmp";
    write(dead, "half");
    write(alive, "half");
    const kit::HeldLock writing = kit::HeldLock::try_take(alive, O_RDWR);
    ASSERT_TRUE(writing);
    FsStore fs(
        Options{root, directory == own ? own : "", std::chrono::milliseconds(100), [] { return false; }});
    put(fs, "k-c", "s1", "a.ktstr.json", "{}", false);
    EXPECT_EQ(names(directory), (std::vector<std::string>{".00000000000000bb.ktstr-tmp", "a.ktstr.json"}))
        << "a writer holds the lock on its file";
  }
}

TEST_F(StoreTest, ANetworkFileSystemIsRefusedForRunsButNotForADirectoryWithoutLock) {
  Options options{root, {}, std::chrono::milliseconds(100), [] { return false; }};
  options.filesystem_magic = [](const std::string&) { return std::optional<std::uint64_t>(0x6969); };
  FsStore remote(options);
  const auto [status, message] = failure_of([&] { put(remote, "k-c", "s1", "a.ktstr.json", "{}"); });
  EXPECT_EQ(status, KTSTR_UNSUPPORTED);
  EXPECT_NE(message.find("NFS"), std::string::npos) << message;
  EXPECT_FALSE(std::filesystem::exists(root));
  options.directory = base + "/own";
  FsStore own(options);
  put(own, "k-c", "s1", "a.ktstr.json", "{}");
  EXPECT_EQ(names(base + "/own"), std::vector<std::string>{"a.ktstr.json"});
}

TEST(RemoteFilesystem, IsKnownByItsMagic) {
  EXPECT_STREQ(remote_filesystem_name(0x6969), "NFS");
  EXPECT_STREQ(remote_filesystem_name(0xFE534D42), "SMB2");
  EXPECT_STREQ(remote_filesystem_name(0x65735546), "FUSE");
  EXPECT_EQ(remote_filesystem_name(0xEF53), nullptr) << "ext4";
  EXPECT_EQ(remote_filesystem_name(0x01021994), nullptr) << "tmpfs";
}

TEST(SidecarName, IsToldByItsParts) {
  EXPECT_TRUE(is_sidecar_name("t-0123456789abcdef.ktstr.json"));
  EXPECT_FALSE(is_sidecar_name("t-0123456789abcdef.failure-dump.json"));
  EXPECT_FALSE(is_sidecar_name("x.ktstr.y-0123456789abcdef.failure-dump.json"));
  EXPECT_FALSE(is_sidecar_name("t.json"));
  EXPECT_FALSE(is_sidecar_name("t.ktstr.json.ktstr-tmp"));
}

TEST_F(StoreTest, AProbeMakesNothingAndTellsWhereNothingCanBeWritten) {
  store().probe();
  EXPECT_FALSE(std::filesystem::exists(base + "/target"));
  write(base + "/target", "a file where the runs should be");
  const auto [status, message] = failure_of([&] { store().probe(); });
  EXPECT_EQ(status, KTSTR_IO);
  EXPECT_EQ(message, "cannot write runs to " + root + ": Not a directory");
  std::filesystem::remove(base + "/target");
  std::filesystem::create_directory_symlink("/nonexistent", base + "/target");
  EXPECT_EQ(failure_of([&] { store().probe(); }).first, KTSTR_IO);
  Options remote{root, {}, std::chrono::milliseconds(200), [] { return false; }};
  remote.filesystem_magic = [](const std::string&) { return std::optional<std::uint64_t>(0x6969); };
  EXPECT_EQ(failure_of([&] { FsStore(remote).probe(); }).first, KTSTR_UNSUPPORTED);
}

}  // namespace
}  // namespace ktstr::fs_store
