// SPDX-License-Identifier: Apache-2.0
#include "levelled.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "comparisons.hpp"

namespace ktstr::fdr {
namespace {

constexpr std::uint32_t kPaired = KTSTR_COMPARISON_PAIRED;
using Random = std::mt19937_64;

double normal(Random& random) { return std::normal_distribution<double>()(random); }

TEST(Levelled, IsTheRegressionAtEqualShares) {
  // Residuals at right angles to 1 and to x, so that the regression finds what was put in.
  const Values x{-0.4, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 0.4}, r{1, -1, -1, 1, 1, -1, -1, 1};
  Values d;
  for (std::size_t i = 0; i < x.size(); ++i) d.push_back(0.2 + 1.5 * (x[i] + 0.05) + 0.01 * r[i]);
  Values shifted = x;
  for (double& one : shifted) one += 0.05;
  const Levelled found = level(d, shifted);
  ASSERT_TRUE(found.possible);
  EXPECT_TRUE(found.trusted);
  EXPECT_NEAR(found.slope, 1.5, 1e-12);
  EXPECT_NEAR(found.shift, 0.2, 1e-12);
  EXPECT_EQ(found.df, 6);
  EXPECT_NEAR(found.error, std::sqrt(8e-4 / 6 * (1.0 / 8 + 0.05 * 0.05 / 0.6)), 1e-12);
  EXPECT_EQ(found.larger, 1.0 / 256) << "no other way to change sides has a larger t";
  EXPECT_EQ(found.smaller, 1);
}

TEST(Levelled, NotOfFewPairsNorOfAHostThatServedAllAlike) {
  const Values d{1, 2, 1, 2, 1, 2, 1, 2}, x{0.5, -0.5, 0.5, -0.5, 0.5, -0.5, 0.4, -0.4},
      quiet{0.01, -0.02, 0.01, 0.03, -0.01, 0.01, 0.02, -0.03}, equal(8, 0.5);
  EXPECT_TRUE(level(d, x).possible);
  EXPECT_FALSE(level({d.data(), 7}, {x.data(), 7}).possible);
  EXPECT_FALSE(level(d, quiet).possible);
  EXPECT_FALSE(level(d, equal).possible) << "of one difference there is no slope";
}

/// Runs in pairs on a host whose share varies. `steep`: how a metric goes with it; `moved`: the logarithm by
/// which HEAD's share is another.
struct Machine {
  double ratio = 1, steep = 1.5, moved = 0;
  bool wild = false;  ///< noise with heavy tails
  std::size_t pairs = 10;
};

class Runs {
 public:
  Runs(const Machine& machine, Random& random) {
    for (std::size_t i = 0; i < machine.pairs; ++i) {
      for (const bool is_head : {false, true}) {
        const double share =
            std::min(1.0, 0.5 * std::exp(0.3 * normal(random))) * std::exp(is_head ? machine.moved : 0);
        const double noise = normal(random), scale = machine.wild && random() % 8 == 0 ? 0.5 : 0.05;
        // What the change does to the share does nothing to the metric.
        const double served = std::log(share) - (is_head ? machine.moved : 0);
        (is_head ? head : baseline)
            .push_back(1000 * (is_head ? machine.ratio : 1) *
                       std::exp(-machine.steep * served + scale * noise));
        (is_head ? head_speeds : baseline_speeds).push_back(share);
      }
    }
    extra = R"({"host_speed": {"baseline": [)" + list(baseline_speeds) + R"(], "head": [)" +
            list(head_speeds) + "]}}";
  }
  static std::string list(const Values& values) {
    std::string text;
    for (const double value : values) text += (text.empty() ? "" : ",") + std::to_string(value);
    return text;
  }
  ktstr_verdict judged(bool told, std::uint32_t flags = kPaired) const {
    Call call;
    ktstr_comparison& c = call.add(baseline, head, flags);
    c.rel_gate = 0.02;
    if (told) c.extra_json = {extra.data(), extra.size()};
    return call.judge()[0];
  }
  Values baseline, head, baseline_speeds, head_speeds;
  std::string extra;
};

double red(const Machine& machine, bool told) {
  Random random(7);
  constexpr int kCalls = 500;
  int found = 0;
  for (int i = 0; i < kCalls; ++i)
    found += Runs(machine, random).judged(told).outcome == KTSTR_REGRESSED ? 1 : 0;
  return static_cast<double>(found) / kCalls;
}

TEST(Levelled, UnchangedPairsAreRedNoMoreOftenThanTheLevelSays) {
  for (const bool wild : {false, true}) {
    for (const double steep : {0.0, 1.5, -2.5}) {
      for (const std::size_t pairs : {8, 14}) {
        EXPECT_LE(red({1, steep, 0, wild, pairs}, true), 0.05 + 3 * std::sqrt(0.05 * 0.95 / 500))
            << wild << ' ' << steep << ' ' << pairs;
      }
    }
  }
}

TEST(Levelled, AChangeIsFoundThatTheHostHides) {
  const Machine machine{1.2, 1.5, 0, false, 10};
  EXPECT_LT(red(machine, false), 0.35);
  EXPECT_GT(red(machine, true), 0.9);
}

TEST(Levelled, AShareThatTheChangeMovedAccusesNobody) {
  for (const double moved : {-0.5, -0.2, 0.5})
    EXPECT_LE(red({1, 1.5, moved, false, 10}, true), 0.05) << moved;
}

TEST(Levelled, TheVerdictIsOfEquallyServedRuns) {
  Random random(3);
  const Runs runs({1.2, 1.5, 0, false, 12}, random);
  const ktstr_verdict told = runs.judged(true), plain = runs.judged(false);
  EXPECT_EQ(told.outcome, KTSTR_REGRESSED);
  EXPECT_NEAR(told.ratio, 1.2, 0.1);
  EXPECT_EQ(told.df, 10);
  EXPECT_LT(told.mde, plain.mde / 2);
  EXPECT_LT(std::log(told.ci_high / told.ci_low), std::log(plain.ci_high / plain.ci_low) / 2);
  EXPECT_THAT(told.text, ::testing::HasSubstr("as if the host had served both sides alike"));
}

TEST(Levelled, NothingChangesWhereSharesAreNotKnown) {
  Random random(5);
  const Runs runs({1.2, 1.5, 0, false, 12}, random);
  const ktstr_verdict plain = runs.judged(false);
  const auto with = [&](const std::string& extra) {
    Call call;
    ktstr_comparison& c = call.add(runs.baseline, runs.head, kPaired);
    c.rel_gate = 0.02;
    c.extra_json = {extra.data(), extra.size()};
    return call.judge()[0].p_value;
  };
  EXPECT_NE(with(runs.extra), plain.p_value);
  const std::string twelve = Runs::list(Values(12, 0.5)), with_null = "null," + Runs::list(Values(11, 0.5));
  for (const std::string& extra :
       {std::string("{}"), std::string("{"), std::string(R"({"host_speed": 1})"),
        std::string(R"({"host_speed": {"head": []}})"),
        R"({"host_speed": {"baseline": [)" + with_null + R"(], "head": [)" + twelve + "]}}",
        R"({"host_speed": {"baseline": [-1.5,)" + Runs::list(Values(11, 0.5)) + R"(], "head": [)" + twelve +
            "]}}",
        R"({"host_speed": {"baseline": [0.5], "head": [)" + twelve + "]}}"})
    EXPECT_EQ(with(extra), plain.p_value) << extra;
  EXPECT_EQ(runs.judged(true, 0).p_value, runs.judged(false, 0).p_value) << "not paired";
  const std::uint32_t cached = kPaired | KTSTR_COMPARISON_CACHED;
  EXPECT_EQ(runs.judged(true, cached).p_value, runs.judged(false, cached).p_value);
}

TEST(Levelled, NotWhereNoWayToChangeSidesIsRareEnoughForSoManyRows) {
  Random random(11);
  const Runs runs({1.2, 1.5, 0, false, 8}, random);
  const auto p_among = [&](std::size_t rows) {
    Call call;
    for (std::size_t i = 0; i < rows; ++i) {
      ktstr_comparison& c = call.add(runs.baseline, runs.head, kPaired);
      c.extra_json = {runs.extra.data(), runs.extra.size()};
    }
    return call.judge({.prior_df = 0})[0].p_value;
  };
  EXPECT_EQ(p_among(4), 3.0 / 256);
  EXPECT_EQ(p_among(5), [&] {
    Call call;
    call.add(runs.baseline, runs.head, kPaired);
    return call.judge({.prior_df = 0})[0].p_value;
  }());
}

}  // namespace
}  // namespace ktstr::fdr
