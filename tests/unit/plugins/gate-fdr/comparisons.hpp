// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include "framework/comparisons.hpp"
#include "judge.hpp"

namespace ktstr::fdr {

inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
using Values = std::vector<double>;

/// Comparisons of a call with everything that they point to.
class Call {
 public:
  ktstr_comparison& add(Values baseline, Values head, std::uint32_t flags = 0) {
    Side& side = sides_.emplace_back();
    side.baseline = std::move(baseline);
    side.head = std::move(head);
    for (std::uint64_t i = 0; i < std::max(side.baseline.size(), side.head.size()); ++i) {
      side.blocks.push_back(i / 2);
      side.seeds.push_back(i);
    }
    ktstr_comparison& c = comparisons_.emplace_back();
    c.size = sizeof c;
    c.flags = flags;
    c.baseline =
        testing::samples(side.baseline.data(), side.blocks.data(), side.seeds.data(), side.baseline.size());
    c.head = testing::samples(side.head.data(), side.blocks.data(), side.seeds.data(), side.head.size());
    c.baseline_estimate = c.head_estimate = kNaN;  // means stand in
    c.history = testing::no_history();
    return c;
  }
  std::vector<ktstr_verdict> judge(const Options& options = {}) {
    std::vector<const ktstr_comparison*> in;
    for (const ktstr_comparison& c : comparisons_) in.push_back(&c);
    ktstr_verdict blank{};
    blank.size = sizeof blank;
    blank.effect_abs = blank.effect_rel = blank.statistic = blank.df = blank.p_value = blank.q_value = kNaN;
    blank.ratio = blank.ci_low = blank.ci_high = blank.mde = kNaN;
    std::vector<ktstr_verdict> verdicts(in.size(), blank);
    std::vector<ktstr_verdict*> out;
    for (ktstr_verdict& verdict : verdicts) out.push_back(&verdict);
    fdr::judge(in.data(), out.data(), in.size(), options);
    return verdicts;
  }

 private:
  struct Side {
    Values baseline, head;
    std::vector<std::uint64_t> blocks, seeds;
  };
  std::deque<Side> sides_;
  std::deque<ktstr_comparison> comparisons_;
};

inline ktstr_verdict judge_one(Values baseline, Values head, std::uint32_t flags = 0,
                               const Options& options = {}) {
  Call call;
  call.add(std::move(baseline), std::move(head), flags);
  return call.judge(options)[0];
}

}  // namespace ktstr::fdr
