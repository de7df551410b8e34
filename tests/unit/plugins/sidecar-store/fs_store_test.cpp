// SPDX-License-Identifier: Apache-2.0
#include <sys/file.h>
#include <fcntl.h>
#include <unistd.h>

#include "remote_filesystem.hpp"
#include "store_fixture.hpp"

namespace ktstr::fs_store {
namespace {

using testing::Test;

struct Runs {
  std::vector<std::string> keys;
  std::vector<std::uint64_t> sidecars;
};

Runs runs_of(FsStore& store) {
  Runs runs;
  store.list_runs(sdk::RunVisitor(
      [](void* ctx, const ktstr_run_entry* entry) noexcept -> ktstr_status {
        auto& out = *static_cast<Runs*>(ctx);
        out.keys.emplace_back(sdk::view(entry->key));
        out.sidecars.push_back(entry->sidecars);
        return KTSTR_OK;
      },
      &runs));
  return runs;
}

std::vector<std::string> sidecars_of(FsStore& store, const std::string& key) {
  std::vector<std::string> names;
  store.list_sidecars(key, sdk::SidecarVisitor(
                               [](void* ctx, const ktstr_sidecar_entry* entry) noexcept -> ktstr_status {
                                 static_cast<std::vector<std::string>*>(ctx)->emplace_back(sdk::view(entry->name));
                                 return KTSTR_OK;
                               },
                               &names));
  return names;
}

std::string read_through(FsStore& store, const std::string& key, const std::string& name) {
  std::string bytes;
  const ktstr_writer writer = {sizeof writer, 0, &bytes, [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
                                 static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), len);
                                 return KTSTR_OK;
                               }};
  store.read(key, name, sdk::Writer(&writer));
  return bytes;
}

TEST_F(StoreTest, ReadsBackExactlyWhatWasPut) {
  FsStore fs = store();
  const std::string bytes("{\"a\": \"\0\xff\"}", 13);
  put(fs, "6.18.1-abc1234", "s1", "t-0123456789abcdef.ktstr.json", bytes);
  EXPECT_EQ(read_through(fs, "6.18.1-abc1234", "t-0123456789abcdef.ktstr.json"), bytes);
  EXPECT_EQ(names(root + "/6.18.1-abc1234"), std::vector<std::string>{"t-0123456789abcdef.ktstr.json"}) << "no temporary file may stay";
}

TEST_F(StoreTest, NothingIsMadeBeforeTheFirstPut) {
  FsStore fs = store();
  fs.begin_run("6.18.1-abc1234", "s1", KTSTR_RUN_PRECLEAR)->end();
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
  EXPECT_EQ(sidecars_of(fs, "6.18.1-abc1234"), (std::vector<std::string>{"job-1/deep.ktstr.json", "new.ktstr.json"}));
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
  EXPECT_EQ(runs_of(fs).keys, std::vector<std::string>{"own"});
}

TEST_F(StoreTest, RunsAreListedNewestFirstWithoutHiddenOnesAndLinks) {
  FsStore fs = store();
  write(root + "/old-run/a.ktstr.json", "{}");
  write(root + "/new-run/a.ktstr.json", "{}");
  write(root + "/new-run/b.failure-dump.json", "{}");
  std::filesystem::create_directories(root + "/empty-run");
  write(base + "/outside/x.ktstr.json", "{}");
  std::filesystem::create_directory_symlink(base + "/outside", root + "/link-run");
  std::filesystem::create_symlink(base + "/outside/x.ktstr.json", root + "/new-run/link.ktstr.json");
  std::filesystem::create_directories(root + "/.locks");
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(root + "/old-run", now - std::chrono::hours(2));
  std::filesystem::last_write_time(root + "/empty-run", now - std::chrono::hours(3));
  std::filesystem::last_write_time(root + "/new-run", now);
  const Runs runs = runs_of(fs);
  EXPECT_EQ(runs.keys, (std::vector<std::string>{"new-run", "old-run", "empty-run"}));
  EXPECT_EQ(runs.sidecars, (std::vector<std::uint64_t>{1, 1, 0})) << "a failure dump is no sidecar";
}

TEST_F(StoreTest, NamesThatLeaveTheRootAreRefused) {
  FsStore fs = store();
  for (const std::string key : {"", ".", "..", "../x", "/etc", "a/../b", "a//b", "a/"}) {
    EXPECT_EQ(failure_of([&] { put(fs, key, "s", "a.ktstr.json", "{}"); }).first, KTSTR_INVALID_ARGUMENT) << key;
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
  EXPECT_EQ(failure_of([&] { read_through(fs, "k-c", "a.ktstr.json"); }).first, KTSTR_IO);
  put(fs, "k-c", "s1", "a.ktstr.json", "{}", 0);
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
  EXPECT_NE(message.find("pid " + std::to_string(::getpid())), std::string::npos) << message;
}

TEST_F(StoreTest, AFailedWriteLeavesTheOldFileAndNoTemporary) {
  FsStore fs = store();
  std::filesystem::create_directories(root + "/k-c/blocked.ktstr.json/inner");  // rename onto a full directory fails
  const auto [status, message] = failure_of([&] { put(fs, "k-c", "s1", "blocked.ktstr.json", "{}", 0); });
  EXPECT_EQ(status, KTSTR_IO);
  EXPECT_NE(message.find("blocked.ktstr.json"), std::string::npos);
  EXPECT_EQ(names(root + "/k-c"), std::vector<std::string>{"blocked.ktstr.json"});
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
  EXPECT_FALSE(is_sidecar_name("t.json"));
  EXPECT_FALSE(is_sidecar_name("t.ktstr.json.ktstr-tmp"));
}

}  // namespace
}  // namespace ktstr::fs_store
