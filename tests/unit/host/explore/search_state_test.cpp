// SPDX-License-Identifier: Apache-2.0
#include "explore/search_state.hpp"

#include <gtest/gtest.h>

#include "bounds_for_tests.hpp"
#include "framework/temp_tree.hpp"

namespace ktstr::testing {
namespace {

TEST(SeedSet, RangesGrowTogether) {
  SeedSet seeds;
  for (const std::uint64_t seed : {5, 1, 3, 2, 9, 3}) seeds.add(seed);
  EXPECT_EQ(json::value(seeds.to_json()), kit::read_json("[[1, 3], [5, 5], [9, 9]]", "", {}));
  seeds.add(4);
  EXPECT_EQ(json::value(seeds.to_json()), kit::read_json("[[1, 5], [9, 9]]", "", {}));
  EXPECT_TRUE(seeds.contains(4) && seeds.contains(9));
  EXPECT_FALSE(seeds.contains(0) || seeds.contains(6) || seeds.contains(10));
  EXPECT_EQ(seeds.count_in(4, 9), 3U);
  EXPECT_EQ(seeds.count_in(6, 8), 0U);
}

SearchState some_state() {
  SearchState state;
  state.seeds.add(3);
  state.counts.passed = 7;
  state.counts.refused = 2;
  state.reasons = {"t: nothing was measured"};
  Discovery finding;
  finding.test = "t";
  finding.kind = "starvation";
  finding.seed = 3;
  finding.from = 1;
  finding.count = 2;
  finding.seeds = {3, 8};
  finding.message = "waited";
  finding.file = "target/explore/x/t.json";
  finding.minimal = true;
  finding.worse_metrics = {"worst_gap_ms"};
  finding.moment = {"found", 190, 192, true};
  state.findings.push_back(finding);
  state.corpus.take_in({"t", 1, object_of(R"({"name": "t"})")}, {"a 2^1"}, true);
  return state;
}

TEST(SearchState, IsReadAsItWasWritten) {
  const TempTree tree;
  ASSERT_TRUE(save_state(tree.path(), some_state()));
  const auto read = load_state(tree.path());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(state_text(*read), state_text(some_state()));
}

TEST(SearchState, NoneIsEmptyAndADamagedOneIsToldWithWhatHelps) {
  const TempTree tree;
  const auto none = load_state(tree.path());
  ASSERT_TRUE(none);
  EXPECT_EQ(none->counts.all(), 0U);
  for (const char* text : {"{", "[]", R"({"schema_version": 1})", R"({"schema_version": 2})"}) {
    tree.write("state.json", text);
    const auto damaged = load_state(tree.path());
    ASSERT_FALSE(damaged) << text;
    EXPECT_NE(damaged.error().message.find("state.json"), std::string::npos);
    EXPECT_EQ(damaged.error().hint, "begin anew with --fresh");
  }
}

TEST(SearchState, OverlappingRangesAreNone) {
  const json::value list = kit::read_json("[[1, 3], [3, 5]]", "seeds", {});
  EXPECT_THROW(SeedSet::from({&list, "seeds"}), kit::Mistake);
}

}  // namespace
}  // namespace ktstr::testing
