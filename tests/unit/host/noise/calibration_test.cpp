// SPDX-License-Identifier: Apache-2.0
#include "noise/calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "plan/bisection.hpp"

namespace ktstr {
namespace {

TEST(Calibration, DetectableDeviationsByTheNoncentralT) {
  for (const auto& [n, deviations] :
       {std::pair{2, 3.98}, {3, 2.48}, {4, 2.00}, {5, 1.72}, {7, 1.41}, {10, 1.16}, {15, .93}, {20, .80}}) {
    EXPECT_NEAR(detectable_deviations(static_cast<std::uint64_t>(n)), deviations, 0.006) << n;
  }
}

MetricNoise noise(const char* metric, double sd, double gate) { return {{}, metric, sd, gate}; }

TEST(Calibration, RecommendsRunsAndGates) {
  EXPECT_EQ(recommended_runs({noise("a", 0.01, 0.25)}), 3U);
  EXPECT_EQ(recommended_runs({noise("a", 0.10, 0.20)}), 5U);
  EXPECT_EQ(recommended_runs({noise("a", 0.5, 0.1)}), 0U);
  EXPECT_EQ(recommended_runs({noise("a", std::numeric_limits<double>::quiet_NaN(), 0.1)}), 3U);
  const auto percent =
      recommended_percent({noise("a", 0.1, 0.1), noise("a", 0.2, 0.1), noise("b", 0.01, 0.25)});
  EXPECT_EQ(percent,
            (std::map<std::string, double>{{"a", std::ceil(std::expm1(0.6 * std::sqrt(2.0)) * 100)}}));
}

TEST(Calibration, FlipsEverySign) {
  EXPECT_EQ(sign_flips(3, 1024, 1).size(), 8U);
  EXPECT_EQ(sign_flips(3, 1024, 1)[5], (std::vector<bool>{true, false, true}));
  EXPECT_EQ(sign_flips(30, 100, 1).size(), 100U);
  EXPECT_EQ(sign_flips(30, 100, 1), sign_flips(30, 100, 1));
}

TEST(Bisection, HalvesAndGoesRoundWhatCannotBeJudged) {
  for (std::size_t planted = 1; planted < 9; ++planted) {
    for (std::size_t broken = 0; broken < 10; ++broken) {
      Bisection search(10);  // 0 good, 9 bad
      std::size_t steps = 0;
      while (const auto at = search.next()) {
        ++steps;
        search.mark(*at, *at == broken && broken > 0 ? Bisection::State::kSkipped
                         : *at >= planted            ? Bisection::State::kBad
                                                     : Bisection::State::kGood);
      }
      EXPECT_LE(steps, 6U);
      if (broken != planted && broken + 1 != planted) {
        EXPECT_EQ(search.first_bad(), planted) << broken;
        EXPECT_EQ(search.last_good(), planted - 1);
      } else if (broken > 0) {
        EXPECT_LE(search.first_bad() - search.last_good(), 2U);
      }
    }
  }
}

}  // namespace
}  // namespace ktstr
