// SPDX-License-Identifier: Apache-2.0
#include "pool/store_reads.hpp"

#include <gtest/gtest.h>

#include <mutex>
#include <set>

namespace ktstr {
namespace {

class Store : public StorePort {
 public:
  Store(unsigned calls, bool many) : calls_(calls), many_(many) {}
  unsigned max_concurrency() const override { return calls_; }
  bool reads_many() const override { return many_; }
  Result<std::string> read(std::string_view run, std::string_view name, std::uint64_t,
                           std::uint64_t) override {
    if (name == "gone") return plugin_error("gone");
    return std::string(run) + "/" + std::string(name);
  }
  Result<std::vector<RunEntry>> list_runs() override { return std::vector<RunEntry>{}; }
  Result<std::vector<RunEntry>> list_history() override { return std::vector<RunEntry>{}; }
  Status remove(std::string_view) override { return Ok{}; }
  Result<std::vector<RunEntry>> list_sessions() override { return std::vector<RunEntry>{}; }
  Result<std::unique_ptr<StoreSessionPort>> begin_session(std::string_view, bool) override {
    return plugin_error("none");
  }
  Result<std::vector<RunEntry>> tidy(bool) override { return std::vector<RunEntry>{}; }
  Result<std::vector<SidecarEntry>> list_sidecars(std::string_view) override {
    return std::vector<SidecarEntry>{};
  }
  Result<std::vector<SidecarEntry>> list_artifacts(std::string_view) override {
    return std::vector<SidecarEntry>{};
  }
  Result<std::unique_ptr<StoreRunPort>> begin_run(const RunRequest&) override { return plugin_error("none"); }
  Result<std::string> locate(std::string_view, std::string_view) override { return std::string(); }

 private:
  unsigned calls_;
  bool many_;
};

const std::string kRuns[] = {"a", "b"};

std::vector<WantedFile> files(std::size_t count, const std::string& run, std::uint64_t bytes = 1) {
  std::vector<WantedFile> wanted;
  for (std::size_t i = 0; i < count; ++i) wanted.push_back({&run, {std::to_string(i), bytes}});
  return wanted;
}

std::vector<std::size_t> sizes(const Store& store, const std::vector<WantedFile>& wanted) {
  std::vector<std::size_t> all;
  std::size_t next = 0;
  for (const auto& [begin, end] : read_batches(store, wanted, reading_threads(store))) {
    EXPECT_EQ(begin, next);
    next = end;
    all.push_back(end - begin);
  }
  EXPECT_EQ(next, wanted.size());
  return all;
}

TEST(StoreReads, ASingleFileIsACallWhereLatencyCounts) {
  EXPECT_EQ(sizes(Store(16, false), files(100, kRuns[0])), std::vector<std::size_t>(100, 1));
}

TEST(StoreReads, ManyFilesAreFewCallsOfAStoreThatReadsThemTogether) {
  EXPECT_EQ(sizes(Store(4, true), files(100, kRuns[0])), std::vector<std::size_t>(4, 25));
  EXPECT_EQ(sizes(Store(1, true), files(600, kRuns[0])), (std::vector<std::size_t>{256, 256, 88}));
}

TEST(StoreReads, ThreadsOfAStoreThatKeepsCpusBusyHaveSeveralCallsEach) {
  const Store store(0, true);
  const std::size_t calls = 8 * reading_threads(store);
  EXPECT_EQ(sizes(store, files(10 * calls, kRuns[0])), std::vector<std::size_t>(calls, 10));
}

TEST(StoreReads, ACallIsOfOneRunAndOfWhatFitsIntoMemory) {
  std::vector<WantedFile> wanted = files(3, kRuns[0]);
  for (const WantedFile& file : files(2, kRuns[1])) wanted.push_back(file);
  EXPECT_EQ(sizes(Store(1, true), wanted), (std::vector<std::size_t>{3, 2}));
  EXPECT_EQ(sizes(Store(1, true), files(3, kRuns[0], 10 << 20)), (std::vector<std::size_t>{1, 1, 1}));
}

TEST(StoreReads, GivesEveryFileInOrder) {
  for (const unsigned calls : {1U, 3U, 64U}) {
    Store store(calls, false);
    std::vector<WantedFile> wanted = files(500, kRuns[0]);
    wanted[7].file.name = "gone";
    std::size_t next = 0;
    read_all(
        store, wanted, 100,
        [](std::size_t, Result<std::string> bytes) { return bytes ? *bytes : "! " + bytes.error().message; },
        [&](std::size_t i, const std::string& text) {
          EXPECT_EQ(i, next++);
          EXPECT_EQ(text, i == 7 ? "! gone" : "a/" + std::to_string(i));
          return true;
        });
    EXPECT_EQ(next, 500U);
  }
}

}  // namespace
}  // namespace ktstr
