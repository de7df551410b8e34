// SPDX-License-Identifier: Apache-2.0
//
// What cannot be looked at is told, and nothing is kept behind a link that a project may have brought.
#include <sys/stat.h>
#include <unistd.h>

#include "run_directory.hpp"
#include "store_fixture.hpp"

namespace ktstr::fs_store {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

TEST_F(StoreTest, WhatIsNoFileIsListedAndReadingItTellsWhy) {
  FsStore store_ = store();
  write(root + "/k-c/a.ktstr.json", "{}");
  write(base + "/elsewhere/x.ktstr.json", "secret");
  fs::create_symlink(base + "/elsewhere/x.ktstr.json", root + "/k-c/link.ktstr.json");
  fs::create_directory_symlink(base + "/elsewhere", root + "/k-c/job");
  fs::create_symlink(base + "/gone", root + "/k-c/lost");
  fs::create_symlink(base + "/elsewhere/x.ktstr.json", root + "/k-c/notes");
  fs::create_directories(root + "/k-c/folder.ktstr.json");
  ::mkfifo((root + "/k-c/pipe.ktstr.json").c_str(), 0600);
  const Names hidden{"folder.ktstr.json", "job", "link.ktstr.json", "lost", "pipe.ktstr.json"};
  Names all = hidden;
  all.insert(all.begin(), "a.ktstr.json");
  EXPECT_EQ(sidecars_of(store_, "k-c"), all) << "a link to a file of another name hides nothing";
  for (const std::string& name : hidden) {
    const auto [status, message] = failure_of([&] { read_through(store_, "k-c", name); });
    EXPECT_EQ(status, KTSTR_IO) << name;
    EXPECT_NE(message.find("/k-c/" + name + ": "), std::string::npos) << message;
  }
}

/// What read_many says of each file: its bytes, or "! STATUS: why not".
Names read_together(FsStore& store, const std::string& key, const Names& names) {
  std::vector<std::string_view> wanted(names.begin(), names.end());
  Names told(names.size());
  store.read_many(key, wanted,
                  sdk::FileVisitor(
                      [](void* ctx, const ktstr_file_read* file) noexcept -> ktstr_status {
                        std::string& one = (*static_cast<Names*>(ctx))[file->index];
                        EXPECT_EQ(one, "") << "told twice";
                        one = file->status == KTSTR_OK
                                  ? std::string(sdk::view(file->bytes))
                                  : "! " + std::to_string(file->status) + ": " + file->error->message;
                        return KTSTR_OK;
                      },
                      &told));
  return told;
}

TEST_F(StoreTest, ManyFilesAreReadAsEachAlone) {
  FsStore store_ = store();
  const std::string large(700'000, 'x');
  write(root + "/k-c/a.ktstr.json", "{}");
  write(root + "/k-c/large.ktstr.json", large);
  write(root + "/k-c/job/b.ktstr.json", "[]");
  write(base + "/elsewhere/x.ktstr.json", "secret");
  fs::create_symlink(base + "/elsewhere/x.ktstr.json", root + "/k-c/link.ktstr.json");
  fs::create_directory_symlink(base + "/elsewhere", root + "/k-c/away");
  fs::create_directories(root + "/k-c/folder.ktstr.json");
  ::mkfifo((root + "/k-c/pipe.ktstr.json").c_str(), 0600);
  const Names names{"large.ktstr.json",  "a.ktstr.json",      "gone.ktstr.json",     "link.ktstr.json",
                    "away/x.ktstr.json", "folder.ktstr.json", "pipe.ktstr.json",     "../k-c/a.ktstr.json",
                    "job/b.ktstr.json",  "/etc/passwd",       "../../../elsewhere/x"};
  const Names together = read_together(store_, "k-c", names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    std::string alone;
    const auto [status, message] = failure_of([&] { alone = read_through(store_, "k-c", names[i]); });
    if (status != KTSTR_OK) alone = "! " + std::to_string(status) + ": " + message;
    EXPECT_EQ(together[i], alone) << names[i];
  }
  EXPECT_EQ(together[0], large);
  EXPECT_EQ(together[8], "[]");
  EXPECT_EQ(failure_of([&] { read_together(store_, "k-d", {"a.ktstr.json"}); }).first, KTSTR_NOT_FOUND);
  fs::create_directory_symlink(base + "/elsewhere", root + "/k-e");
  EXPECT_EQ(failure_of([&] { read_together(store_, "k-e", {"x.ktstr.json"}); }).first, KTSTR_IO);
}

TEST_F(StoreTest, AClosedFolderIsListedByItsName) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  FsStore store_ = store();
  write(root + "/k-c/a.ktstr.json", "{}");
  write(root + "/k-c/job/b.ktstr.json", "{}");
  fs::permissions(root + "/k-c/job", fs::perms::none);
  EXPECT_EQ(sidecars_of(store_, "k-c"), (Names{"a.ktstr.json", "job"}));
  fs::permissions(root + "/k-c/job", fs::perms::owner_read);
  EXPECT_EQ(sidecars_of(store_, "k-c"), (Names{"a.ktstr.json", "job/b.ktstr.json"}));
  EXPECT_NE(
      failure_of([&] { read_through(store_, "k-c", "job/b.ktstr.json"); }).second.find("Permission denied"),
      std::string::npos);
  fs::permissions(root + "/k-c/job", fs::perms::owner_all);
}

TEST_F(StoreTest, ALinkInPlaceOfARunIsListedUnlessItIsAnotherNameOfOne) {
  FsStore store_ = store();
  write(root + "/6.18-abc1234/a.ktstr.json", "{}");
  fs::create_directory_symlink("6.18-abc1234", root + "/latest");
  fs::create_symlink("6.18-abc1234/a.ktstr.json", root + "/file");
  EXPECT_EQ(keys_of(runs_of(store_)), Names{"6.18-abc1234"});
  fs::create_directories(base + "/elsewhere");
  fs::create_directory_symlink(base + "/elsewhere", root + "/6.18-def5678");
  fs::create_directory_symlink(base + "/gone", root + "/6.18-fed8765");
  EXPECT_EQ(runs_of(store_).size(), 3U);
  for (const char* key : {"6.18-def5678", "6.18-fed8765"}) {
    const auto [status, message] = failure_of([&] { sidecars_of(store_, key); });
    EXPECT_EQ(status, KTSTR_IO);
    EXPECT_NE(message.find("symbolic link"), std::string::npos) << message;
  }
}

TEST_F(StoreTest, ARootThatIsNoDirectoryIsNoEmptyOne) {
  FsStore store_ = store();
  EXPECT_TRUE(runs_of(store_).empty()) << "it is not there yet";
  write(root, "a file");
  EXPECT_EQ(failure_of([&] { runs_of(store_); }).first, KTSTR_IO);
  fs::remove_all(base + "/target");
  fs::create_symlink(base + "/unplugged", base + "/target");
  const auto [status, message] = failure_of([&] { runs_of(store_); });
  EXPECT_EQ(status, KTSTR_IO);
  EXPECT_NE(message.find(base + "/target is a link that leads nowhere"), std::string::npos) << message;
}

TEST_F(StoreTest, NothingIsKeptBehindALink) {
  const std::string outside = base + "/outside";
  fs::create_directories(outside);
  for (const std::string place : {".sessions", ".locks", "k-c"}) {
    fs::remove_all(root);
    fs::create_directories(root);
    fs::create_directory_symlink(outside, root + "/" + place);
    FsStore store_ = store();
    const auto write_something = [&] {
      if (place == ".sessions")
        store_.begin_session("plan", false);
      else
        put(store_, "k-c", "s1", "a.ktstr.json", "{}");
    };
    const auto [status, message] = failure_of(write_something);
    EXPECT_EQ(status, KTSTR_IO) << place;
    EXPECT_NE(message.find(root + "/" + place + " is a symbolic link"), std::string::npos) << message;
    EXPECT_TRUE(fs::is_empty(outside)) << place;
  }
  fs::remove_all(root);
  fs::create_directories(root);
  fs::create_directory_symlink(outside, root + "/.history");
  Options keeping{root, {}, std::chrono::milliseconds(200), [] { return false; }};
  keeping.history_keep = 3;
  FsStore store_(keeping);
  put(store_, "k-c", "s1", "a.ktstr.json", "{}");
  EXPECT_EQ(failure_of([&] { put(store_, "k-c", "s2", "a.ktstr.json", "{}"); }).first, KTSTR_IO);
  EXPECT_TRUE(fs::is_empty(outside));
}

TEST_F(StoreTest, ADirectoryOfTheUsersOwnMayBeALink) {
  fs::create_directories(base + "/disk");
  fs::create_directory_symlink(base + "/disk", base + "/own");
  FsStore store_(Options{root, base + "/own", std::chrono::milliseconds(200), [] { return false; }});
  put(store_, "k-c", "s1", "a.ktstr.json", "{}");
  EXPECT_EQ(keys_of(runs_of(store_)), Names{"own"});
  EXPECT_EQ(sidecars_of(store_, "own"), Names{"a.ktstr.json"});
}

}  // namespace
}  // namespace ktstr::fs_store
