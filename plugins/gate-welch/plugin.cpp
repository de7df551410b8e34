// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/sdk.hpp>

#include "judge.hpp"

namespace {

namespace kit = ktstr::kit;

struct Options {
  double alpha = 0.05;
};
const auto kOptions = kit::OptionTable<Options>("gate welch")
                          .number("alpha", &Options::alpha, {0, 1, kit::Ends::kOpen},
                                  "level of the two-sided test", "0.05 is the usual level");
const std::string kOptionsSchema = kOptions.schema();

class WelchGate : public ktstr::sdk::Gate {
 public:
  WelchGate(ktstr::sdk::Host, const ktstr::sdk::Creation& creation)
      : options_(kit::refusing_mistakes([&] { return kOptions.read(creation.options); })) {}
  void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count) override {
    for (std::uint64_t i = 0; i < count; ++i) ktstr::welch::judge(*in[i], options_.alpha, *out[i]);
  }

 private:
  Options options_;
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.gate-welch", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::gate_impl<WelchGate, 2>("welch",
                                                  "two sides that Welch's t test or disjoint bands separate",
                                                  kOptionsSchema)))
