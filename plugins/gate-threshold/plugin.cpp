// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/sdk.hpp>

#include "threshold.hpp"

namespace {

namespace kit = ktstr::kit;
using ktstr::threshold::Options;

const auto kOptions =
    kit::OptionTable<Options>("gate threshold")
        .number(
            "percent", [](Options& options, double percent) { options.rel_gate = percent / 100; }, {0, 1e6},
            "one relative gate for every metric, in percent; without it each metric has its own",
            "25 means 25 %");
const std::string kOptionsSchema = kOptions.schema();

class ThresholdGate : public ktstr::sdk::Gate {
 public:
  ThresholdGate(ktstr::sdk::Host, const ktstr::sdk::Creation& creation)
      : options_(kit::refusing_mistakes([&] { return kOptions.read(creation.options); })) {}
  void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count) override {
    for (std::uint64_t i = 0; i < count; ++i) ktstr::threshold::judge(*in[i], options_, *out[i]);
  }

 private:
  Options options_;
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.gate-threshold", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::gate_impl<ThresholdGate, 1, KTSTR_GATE_EACH_METRIC | KTSTR_GATE_SIZE_ALONE>(
                 "threshold", "a change that reaches both the absolute and the relative gate",
                 kOptionsSchema)))
