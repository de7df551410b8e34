// SPDX-License-Identifier: Apache-2.0
// What stays of earlier results, and what goes.
#include "run_marks.hpp"
#include "store_fixture.hpp"

namespace ktstr::fs_store {
namespace {

class SameInputs : public StoreTest {
 protected:
  struct Written {
    std::vector<std::string> left;
    sdk::RunChanges changes;
  };
  /// One invocation that writes these sidecars.
  Written run(const std::string& session, const std::string& inputs, bool partial,
              const std::vector<std::string>& sidecars, bool complete = true) {
    FsStore fs(options);
    const auto open = fs.begin_run({"k-c", session, inputs, true, partial});
    open->put({session + ".run-manifest.json", session, true});
    for (const std::string& name : sidecars) open->put({name + ".ktstr.json", session});
    const sdk::RunChanges changes = open->end(complete);
    return {sidecars_of(fs, "k-c"), changes};
  }
  void SetUp() override {
    StoreTest::SetUp();
    options = {root, {}, std::chrono::milliseconds(200), [] { return false; }};
  }
  std::string content(const std::string& name) const { return read(root + "/k-c/" + name); }
  static std::vector<std::string> sidecars(const std::vector<std::string>& names) {
    std::vector<std::string> files;
    for (const std::string& name : names) files.push_back(name + ".ktstr.json");
    return files;
  }

  Options options;
};

TEST_F(SameInputs, APartReplacesWhatItRanAgainOnly) {
  run("s1", "in", false, {"a", "b", "c"});
  write(root + "/k-c/a.failure-dump.json", "of s1");
  write(root + "/k-c/b.failure-dump.json", "of s1");
  const Written part = run("s2", "in", true, {"a"});
  EXPECT_EQ(part.left, sidecars({"a", "b", "c"}));
  EXPECT_EQ(part.changes.cleared, 0U);
  EXPECT_EQ(content("a.ktstr.json"), "s2");
  EXPECT_EQ(content("b.ktstr.json"), "s1");
  EXPECT_FALSE(std::filesystem::exists(root + "/k-c/a.failure-dump.json")) << "of the result that is gone";
  EXPECT_TRUE(std::filesystem::exists(root + "/k-c/b.failure-dump.json"));
}

TEST_F(SameInputs, OtherInputsClearAtTheFirstWriteAndSaySo) {
  run("s1", "in", false, {"a", "b"});
  const Written part = run("s2", "other", true, {"a"}, false);
  EXPECT_EQ(part.left, sidecars({"a"}));
  EXPECT_EQ(part.changes.cleared, 2U);
  EXPECT_TRUE(part.changes.other_inputs);
  EXPECT_EQ(names(root + "/k-c"), (std::vector<std::string>{"a.ktstr.json", "s2.run-manifest.json"}));
  EXPECT_EQ(run("s3", "", true, {"b"}).left, sidecars({"b"})) << "nobody knows what they follow from";
  EXPECT_EQ(run("s4", "", true, {"c"}).left, sidecars({"c"}));
}

TEST_F(SameInputs, AWholeRunTakesAwayWhatItDidNotHaveWhenItEndsWell) {
  run("s1", "in", false, {"a", "b", "c"});
  write(root + "/k-c/job-1/deep.ktstr.json", "{}");
  EXPECT_EQ(run("s2", "in", false, {"a"}, false).left, sidecars({"a", "b", "c", "job-1/deep"}))
      << "it was interrupted";
  EXPECT_TRUE(std::filesystem::exists(root + "/k-c/s1.run-manifest.json"));
  const Written whole = run("s3", "in", false, {"a", "b"});
  EXPECT_EQ(whole.left, sidecars({"a", "b", "job-1/deep"})) << "shallow";
  EXPECT_EQ(whole.changes.cleared, 1U);
  EXPECT_FALSE(whole.changes.other_inputs);
  EXPECT_FALSE(std::filesystem::exists(root + "/k-c/s1.run-manifest.json"));
}

TEST_F(SameInputs, ShardsSideBySideKeepEachOthersFiles) {
  run("before", "old", false, {"x"});
  FsStore one(options), two(options);
  const auto a = one.begin_run({"k-c", "sa", "in", true, true}),
             b = two.begin_run({"k-c", "sb", "in", true, true});
  a->put({"sa.run-manifest.json", "a", true});
  b->put({"sb.run-manifest.json", "b", true});
  b->put({"b.ktstr.json", "b"});
  a->put({"a.ktstr.json", "a"});
  EXPECT_EQ(a->end(true).cleared + b->end(true).cleared, 1U);
  EXPECT_EQ(names(root + "/k-c"), (std::vector<std::string>{"a.ktstr.json", "b.ktstr.json",
                                                            "sa.run-manifest.json", "sb.run-manifest.json"}));
}

TEST_F(SameInputs, AWholeRunLeavesWhatAPeerWroteMeanwhile) {
  run("s1", "in", false, {"a", "b"});
  FsStore one(options);
  const auto whole = one.begin_run({"k-c", "s2", "in", true, false});
  whole->put({"a.ktstr.json", "s2"});
  run("shard", "in", true, {"b", "c"});
  EXPECT_EQ(whole->end(true).cleared, 0U);
  EXPECT_EQ(content("b.ktstr.json"), "shard");
  EXPECT_EQ(content("c.ktstr.json"), "shard");
}

TEST_F(SameInputs, TheHistoryHasWhatWasReplaced) {
  options.history_keep = 5;
  run("s1", "in", false, {"a", "b"});
  run("s2", "in", true, {"a"});
  FsStore fs(options);
  const auto history = history_of(fs);
  ASSERT_EQ(history.size(), 1U);
  EXPECT_EQ(read_through(fs, history[0].key, "a.ktstr.json"), "s1");
  EXPECT_EQ(content("a.ktstr.json"), "s2");
  EXPECT_EQ(content("b.ktstr.json"), "s1");
}

TEST_F(SameInputs, DamagedMarksCountAsUnknown) {
  run("s1", "in", false, {"a", "b"});
  write(root + "/.locks/k-c.session", std::string(70'000, '\xff') + "inputs");
  const Written part = run("s2", "in", true, {"a"});
  EXPECT_EQ(part.left, sidecars({"a"}));
  EXPECT_TRUE(part.changes.other_inputs);
}

}  // namespace
}  // namespace ktstr::fs_store
