// SPDX-License-Identifier: Apache-2.0
#include "index/pool_index.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <thread>

#include "framework/temp_tree.hpp"

namespace ktstr {
namespace {

IndexedFile file_named(const std::string& name, const std::string& commit = "abc1234") {
  IndexedFile file;
  file.entry = {name, 4000, 1'700'000'000'000'000'000, 42};
  // Each member another value: one that the table of fields forgot would come back empty.
  file.head = {"test",
               "1n1l2c1t",
               "eevdf",
               "SpinWait",
               "6.18.2",
               "mine",
               commit,
               "def5678",
               "local",
               "path",
               "2026-01-01T00:00:00Z",
               "x86_64",
               3,
               8,
               "6.18.2-mine"};
  return file;
}

class PoolIndexTest : public ::testing::Test {
 protected:
  testing::TempTree tree;
  std::filesystem::path place = tree / "index.sqlite";

  void store(const std::string& key, std::uint64_t stamp, const std::vector<IndexedFile>& files) {
    PoolIndex index({place});
    index.put(key, stamp, files);
    index.save();
  }
  void sql(const std::string& text) {
    sqlite3* db = nullptr;
    ASSERT_EQ(::sqlite3_open(place.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(::sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << ::sqlite3_errmsg(db);
    ::sqlite3_close(db);
  }
};

TEST_F(PoolIndexTest, GivesBackEveryField) {
  IndexedFile broken;
  broken.entry = {"b.ktstr.json", 7, -5, ~0ULL};
  broken.problem = "not JSON";
  store("k-c", 77, {file_named("a.ktstr.json"), broken});
  PoolIndex index({place});
  const auto files = index.files("k-c");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].head, file_named("a").head);
  EXPECT_EQ(files[0].entry.name, "a.ktstr.json");
  EXPECT_EQ(files[0].entry.bytes, 4000U);
  EXPECT_EQ(files[0].entry.stamp, 42U);
  EXPECT_EQ(files[1].entry.mtime_ns, -5);
  EXPECT_EQ(files[1].entry.stamp, ~0ULL);
  EXPECT_EQ(files[1].problem, "not JSON");
  const auto runs = index.runs();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs.at("k-c").stamp, 77U);
  EXPECT_EQ(runs.at("k-c").facts.tests, 1U);
  EXPECT_EQ(runs.at("k-c").facts.problems, 1U);
  EXPECT_EQ(runs.at("k-c").facts.arch, "x86_64");
  EXPECT_EQ(runs.at("k-c").facts.commits, std::vector<std::string>{"abc1234"});
}

TEST_F(PoolIndexTest, WhatIsNotSavedIsNotThere) {
  {
    PoolIndex index({place});
    index.put("k-c", 1, {file_named("a")});
  }
  EXPECT_TRUE(PoolIndex({place}).runs().empty());
}

TEST_F(PoolIndexTest, ForgetsAndReplaces) {
  store("k-1", 1, {file_named("a")});
  store("k-2", 1, {file_named("a")});
  {
    PoolIndex index({place});
    index.forget("k-1");
    index.put("k-2", 2, {});
    index.save();
  }
  PoolIndex index({place});
  EXPECT_EQ(index.runs().size(), 1U);
  EXPECT_EQ(index.runs().at("k-2").stamp, 2U);
  EXPECT_TRUE(index.files("k-2").empty());
}

TEST_F(PoolIndexTest, AFileThatIsNoDatabaseIsReplaced) {
  std::ofstream(place) << std::string(8192, 'x');
  store("k-c", 1, {file_named("a")});
  EXPECT_EQ(PoolIndex({place}).runs().size(), 1U);
}

TEST_F(PoolIndexTest, AnotherVersionStartsAfresh) {
  store("k-c", 1, {file_named("a")});
  sql("PRAGMA user_version = 999");
  PoolIndex index({place});
  EXPECT_TRUE(index.runs().empty());
  index.put("k-c", 1, {file_named("a")});
  index.save();
  EXPECT_EQ(index.runs().size(), 1U);
}

TEST_F(PoolIndexTest, ADamagedRowIsNoRow) {
  store("k-1", 1, {file_named("a")});
  store("k-2", 1, {file_named("a")});
  sql("UPDATE runs SET files = x'00ff', facts_sum = facts_sum + 1 WHERE key = 'k-1'");
  PoolIndex index({place});
  EXPECT_TRUE(index.files("k-1").empty());
  EXPECT_EQ(index.files("k-2").size(), 1U);
  EXPECT_EQ(index.runs().size(), 1U);
}

TEST_F(PoolIndexTest, DamagedPagesCostTimeAndNoAnswer) {
  for (int i = 0; i < 50; ++i)
    store("k-" + std::to_string(i), 1, std::vector<IndexedFile>(20, file_named("a")));
  const auto size = std::filesystem::file_size(place);
  for (std::uintmax_t at = 4096; at < size; at += 997) {
    std::fstream file(place, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.put('\xEE');
  }
  {
    PoolIndex index({place});
    for (const auto& [key, run] : index.runs()) static_cast<void>(index.files(key));
    index.put("new", 1, {file_named("a")});
    index.save();
  }
  store("new", 1, {file_named("a")});  // whatever was left of it, it works again
  store("new", 1, {file_named("a")});
  EXPECT_EQ(PoolIndex({place}).files("new").size(), 1U);
}

TEST_F(PoolIndexTest, WithoutAPlaceItRemembersNothing) {
  PoolIndex index({"/proc/no/such/place.sqlite"});
  index.put("k-c", 1, {file_named("a")});
  index.save();
  EXPECT_TRUE(index.runs().empty());
  EXPECT_TRUE(PoolIndex({}).runs().empty());
}

TEST_F(PoolIndexTest, ALinkIsNotFollowed) {
  const auto outside = tree.write("outside", "precious");
  std::filesystem::create_symlink(outside, place);
  store("k-c", 1, {file_named("a")});
  EXPECT_EQ(std::filesystem::file_size(outside), 8U);
}

TEST_F(PoolIndexTest, ManyReadersAndWritersAtOnce) {
  store("k-c", 1, {file_named("a"), file_named("b")});
  std::vector<std::jthread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        PoolIndex index({place});
        const std::size_t found = index.files("k-c").size();
        if (found != 2 && found != 0) ++wrong;  // 0: it could not be opened in time
        if (t % 2 == 0) {
          index.put("k-c", 1, {file_named("a"), file_named("b")});
          index.put("k-" + std::to_string(t), 1, {file_named("a")});
          index.save();
        }
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(PoolIndex({place}).files("k-c").size(), 2U);
}

TEST(IndexPlaces, LieBesideTheRunsOrInTheCache) {
  const testing::TempTree tree;
  const auto cache = tree / "cache";
  EXPECT_EQ(index_places(tree.path(), cache, "fs{}"), std::vector{tree / ".index.sqlite"});
  const auto own = index_places({}, cache, "fs{}"),
             other = index_places(tree / "missing", cache, "fs{\"root\":1}");
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own.front().parent_path(), cache / "index");
  EXPECT_NE(own, other);
}

TEST(RunFacts, TakeTheEarliestDateAndTheFirstArch) {
  IndexedFile a = file_named("a"), b = file_named("b", ""), bad;
  a.head.arch.clear();
  b.head.timestamp = "2025-01-01T00:00:00Z";
  b.head.arch = "aarch64";
  bad.problem = "bad";
  const RunFacts facts = facts_of({a, b, bad});
  EXPECT_EQ(facts.tests, 2U);
  EXPECT_EQ(facts.problems, 1U);
  EXPECT_EQ(facts.date, "2025-01-01T00:00:00Z");
  EXPECT_EQ(facts.arch, "aarch64");
  EXPECT_EQ(facts.commits, (std::vector<std::string>{"", "abc1234"}));
}

}  // namespace
}  // namespace ktstr
