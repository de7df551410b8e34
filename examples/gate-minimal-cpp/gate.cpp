// SPDX-License-Identifier: Apache-2.0
//
// A whole gate: compares the medians of the two sides with the metric's absolute gate.
#include <algorithm>
#include <cmath>
#include <ktstr/sdk.hpp>
#include <vector>

namespace {

double median(const ktstr_samples& side) {
  std::vector<double> values(side.values, side.values + side.count);
  std::nth_element(values.begin(), values.begin() + static_cast<long>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

class MedianGate : public ktstr::sdk::Gate {
 public:
  MedianGate(ktstr::sdk::Host, const ktstr::sdk::Creation&) {}

  void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count) override {
    for (std::uint64_t i = 0; i < count; ++i) {
      const ktstr_comparison& c = *in[i];
      ktstr_verdict& v = *out[i];
      if (c.baseline->count == 0 || c.head->count == 0) {
        v.outcome = KTSTR_INCONCLUSIVE;
        continue;
      }
      const double before = median(*c.baseline), after = median(*c.head);
      v.effect_abs = after - before;
      const bool material = before != after && std::fabs(v.effect_abs) >= c.abs_gate;
      const bool worse = c.polarity == KTSTR_HIGHER_IS_BETTER ? after < before : after > before;
      v.outcome = !material ? KTSTR_UNCHANGED : worse ? KTSTR_REGRESSED : KTSTR_IMPROVED;
    }
  }
};

}  // namespace

KTSTR_PLUGIN("com.example.gate-median", KTSTR_PLUGIN_VERSION, "Example Inc", "Apache-2.0",
             ktstr::sdk::gate_impl<MedianGate>("median", "medians against the absolute gate"))
