// SPDX-License-Identifier: Apache-2.0
#include "explore/corpus.hpp"

#include <gtest/gtest.h>

#include "bounds_for_tests.hpp"
#include "explore/behaviour.hpp"

namespace ktstr::testing {
namespace {

Corpus::Entry entry(const std::string& test, std::uint64_t seed) {
  return {test, seed, object_of(R"({"name": ")" + test + std::to_string(seed) + R"("})")};
}

std::set<std::string> behaviours(const std::map<std::string, double, std::less<>>& values) {
  SidecarRecord run;
  run.values = values;
  return behaviours_of(run);
}

TEST(Behaviour, IsAMetricAndThePowerOfTwoThatItLiesIn) {
  EXPECT_EQ(behaviours({{"moves", 128}, {"gap", 0.3}}), (std::set<std::string>{"moves 2^7", "gap 2^-2"}));
  EXPECT_EQ(behaviours({{"moves", 255}}), behaviours({{"moves", 128}}));
  EXPECT_NE(behaviours({{"moves", 256}}), behaviours({{"moves", 255}}));
  EXPECT_EQ(behaviours({{"moves", 0}, {"lag", 1e-9}}), (std::set<std::string>{"moves 0", "lag 0"}));
  EXPECT_EQ(behaviours({{"lag", -3}}), (std::set<std::string>{"lag -2^1"}));
  EXPECT_TRUE(behaviours({}).empty());
}

TEST(Behaviour, OfNoSidecarIsNoneAndABrokenOneIsAnError) {
  const auto none = behaviours_of("", MetricRegistry());
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_FALSE(behaviours_of("{", MetricRegistry()));
}

TEST(Corpus, KeepsWhatShowsSomethingNew) {
  Corpus corpus;
  corpus.take_in(entry("t", 1), {"a 2^1", "b 0"}, true);
  corpus.take_in(entry("t", 2), {"a 2^1"}, true);
  corpus.take_in(entry("t", 3), {"a 2^2"}, true);
  EXPECT_EQ(corpus.behaviours(), 3U);
  EXPECT_EQ(corpus.kept(), 2U);
  ASSERT_NE(corpus.find("t", 3), nullptr);
  EXPECT_EQ(corpus.find("t", 3)->scenario.at("name"), "t3");
  EXPECT_EQ(corpus.find("t", 2), nullptr);
  EXPECT_EQ(corpus.find("u", 3), nullptr);
}

TEST(Corpus, AnUnguidedSearchOnlyCounts) {
  Corpus corpus;
  corpus.take_in(entry("t", 1), {"a 2^1"}, false);
  EXPECT_EQ(corpus.behaviours(), 1U);
  EXPECT_EQ(corpus.kept(), 0U);
}

TEST(Corpus, AParentIsOfTheSameTestAndAnEarlierGeneration) {
  Corpus corpus;
  EXPECT_EQ(corpus.parent_of("t", 100), nullptr);
  for (const std::uint64_t seed : {3, 17, 40})
    corpus.take_in(entry("t", seed), {"a " + std::to_string(seed)}, true);
  corpus.take_in(entry("u", 1), {"b 0"}, true);
  std::set<std::uint64_t> parents;
  unsigned without = 0;
  for (std::uint64_t seed = 2 * kGeneration; seed < 3 * kGeneration; ++seed) {
    const Corpus::Entry* parent = corpus.parent_of("t", seed);
    EXPECT_EQ(parent, corpus.parent_of("t", seed)) << "the same each time it is asked";
    if (parent == nullptr) {
      ++without;
      continue;
    }
    EXPECT_EQ(parent->test, "t");
    parents.insert(parent->seed);
  }
  EXPECT_EQ(parents, (std::set<std::uint64_t>{3, 17})) << "40 is of the same generation";
  EXPECT_GT(without, 0U) << "the test itself is not forgotten";
  EXPECT_LT(without, kGeneration / 2);
  EXPECT_EQ(corpus.parent_of("t", kGeneration - 1), nullptr) << "before the first generation is none";
}

TEST(Corpus, IsReadAsItWasWritten) {
  Corpus corpus;
  corpus.take_in(entry("t", 3), {"a 2^1", "b -2^-3"}, true);
  const json::value written = corpus.to_json();
  const Corpus read = Corpus::from({&written, "corpus"});
  EXPECT_EQ(json::value(read.to_json()), written);
  const json::value broken =
      object_of(R"({"behaviours": [], "kept": [{"test": "t", "seed": 1, "scenario": 1}]})");
  EXPECT_THROW(Corpus::from({&broken, "corpus"}), kit::Mistake);
}

}  // namespace
}  // namespace ktstr::testing
