// SPDX-License-Identifier: Apache-2.0
#include "compare/phases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "compare/pairing.hpp"
#include "known_metrics.hpp"

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string sidecar(double rate0, double rate1, const std::string& declared = "[]") {
  return R"({"test_name": "t", "topology": "1n", "scheduler": "s", "work_type": "w", "passed": true, "skipped": false, "perf_delta_assertions": )" +
         declared +
         R"(, "stats": {"worst_gap_ms": 5, "phases": [
           {"step_index": 1, "label": "Step[1]", "metrics": {"iteration_rate": )" +
         std::to_string(rate1) + R"(, "no_such": 1}},
           {"step_index": 0, "metrics": {"iteration_rate": )" +
         std::to_string(rate0) + R"(, "worst_gap_ms": null}}, 7, {"label": "x"}]},
           "perf_delta": {"side": "head", "block": 0, "slot": 1, "plan": "p"}})";
}

TEST(Phases, AreReadByIndexWithKnownMetrics) {
  const auto record = read_sidecar(sidecar(10, 20), "f", kMetrics);
  ASSERT_TRUE(record) << record.error().message;
  ASSERT_THAT(record->phases, SizeIs(2));
  EXPECT_EQ(record->phases[0].label, "BASELINE");
  EXPECT_EQ(record->phases[1].label, "Step[1]");
  EXPECT_THAT(record->phases[1].values, ElementsAre(std::pair("iteration_rate", 20.0)));
  EXPECT_EQ(record->plan, "p");
  EXPECT_TRUE(record->head_side);
}

TEST(Phases, RowsAndTheirSelection) {
  const std::vector<SidecarRecord> base = {*read_sidecar(sidecar(100, 100), "f", kMetrics),
                                           *read_sidecar(sidecar(120, 100), "f", kMetrics)},
                                   head = {*read_sidecar(sidecar(109, 50), "f", kMetrics)};
  const auto set = compare_sides(base, head, {});
  ASSERT_THAT(set.phases, SizeIs(2));
  EXPECT_EQ(set.phases[0].baseline.mean, 110);
  EXPECT_EQ(set.phases[0].baseline.max, 120);
  EXPECT_EQ(set.phases[1].relative, -0.5);
  EXPECT_THAT(select_phases(set.phases, {}, false), SizeIs(1));  // 50 % is past the metric's gate, 1 % is not
  EXPECT_THAT(select_phases(set.phases, {}, true), SizeIs(2));
  EXPECT_THAT(select_phases(set.phases, {true, {}, {}}, true), SizeIs(1));
  EXPECT_THAT(select_phases(set.phases, {false, 0, {}}, true), SizeIs(1));
  EXPECT_THAT(select_phases(set.phases, {false, {}, 0.005}, false), SizeIs(2));
  EXPECT_THAT(select_phases(set.phases, {false, {}, 0.9}, false), SizeIs(0));
  EXPECT_EQ(missing_phase(set.phases, {false, 1, {}}), "");
  EXPECT_EQ(missing_phase(set.phases, {}), "");
  EXPECT_THAT(missing_phase(set.phases, {false, 99, {}}),
              HasSubstr("--phase 99: no scenario has that phase"));
}

TEST(DeclaredGates, ReplaceTheRegistrysAndMayLookAtOnePhase) {
  const std::string declared =
      R"([{"metric": "worst_gap_ms", "direction": "HigherBetter", "max_regression_pct": 7, "min_abs": 0.5},
    {"metric": "iteration_rate", "phase": "Step[1]", "max_regression_pct": -3}, {"metric": "iteration_rate", "phase": "0"},
    {"metric": "iteration_rate", "phase": "Step[9]"}, {"metric": "wrst_gap_ms"}, {}, 3])";
  const std::vector<SidecarRecord> side = {*read_sidecar(sidecar(1, 2, declared), "f", kMetrics)};
  ComparisonOptions options;
  options.cached = false;
  options.declared = true;
  const auto set = compare_sides(side, side, options);
  ASSERT_THAT(set.metrics, SizeIs(3));
  EXPECT_TRUE(set.metrics[0]->declared());
  EXPECT_EQ(set.metrics[0]->rule(), (MetricRule{0.5, 0.07, KTSTR_HIGHER_IS_BETTER}));
  EXPECT_EQ(set.metrics[0]->c_struct().polarity, KTSTR_HIGHER_IS_BETTER);
  EXPECT_EQ(set.metrics[1]->phase(), "0");
  EXPECT_EQ(set.metrics[2]->phase(), "Step[1]");
  EXPECT_EQ(set.metrics[2]->c_struct().head->values[0], 2);
  EXPECT_EQ(set.metrics[2]->rule().rel_gate,
            known("iteration_rate")->rel_gate);  // a senseless value: the registry's
  EXPECT_THAT(set.warnings,
              ElementsAre(HasSubstr("in the phase \"Step[9]\", which no run"),
                          HasSubstr("\"wrst_gap_ms\", which is no metric (did you mean \"worst_gap_ms\"?)")));

  const auto cached = compare_sides(side, side, {});
  EXPECT_FALSE(cached.metrics[0]->declared());
  EXPECT_THAT(cached.warnings, ElementsAre(HasSubstr("only repeated runs evaluate")));
}

}  // namespace
}  // namespace ktstr
