// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace ktstr::fdr {

/// One-sided p values of a rank test: that head tends to be larger than baseline, and smaller.
struct RankTest {
  double u;  ///< pairs of values in which head's is larger, ties counted half
  double larger, smaller;
};

/// Mann and Whitney's U (Annals of Mathematical Statistics 18, 1947). Exact by counting all orders when no
/// two values are equal; otherwise the normal approximation with corrections for ties and continuity, and 1
/// when all values are equal. Keeps counts and buffers between calls.
class RankTester {
 public:
  RankTest operator()(std::span<const double> baseline, std::span<const double> head);

  /// P(U >= u) for n and m values without ties.
  double exact_tail(std::uint64_t n, std::uint64_t m, std::uint64_t u);

 private:
  RankTest by_normal(std::span<const double> baseline, std::span<const double> head);

  struct Value {
    double value;
    bool head;
  };
  std::vector<Value> order_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<double>> tails_;
  std::vector<double>* last_ = nullptr;  ///< most calls ask for the sizes of the call before
  std::uint64_t last_n_ = 0, last_m_ = 0;
};

/// Above this many values a side orders are not counted: the normal approximation is close and the table
/// would be large.
inline constexpr std::uint64_t kMostCounted = 40;

}  // namespace ktstr::fdr
