// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "judge.hpp"
#include "options.hpp"

namespace {

class FdrGate : public ktstr::sdk::Gate {
 public:
  FdrGate(ktstr::sdk::Host, const ktstr::sdk::Creation& creation)
      : options_(ktstr::fdr::parse_options(creation.options)) {}
  void evaluate(const ktstr_comparison* const* in, ktstr_verdict* const* out, std::uint64_t count) override {
    ktstr::fdr::judge(in, out, count, options_);
  }

 private:
  ktstr::fdr::Options options_;
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.gate-fdr", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             (ktstr::sdk::gate_impl<FdrGate, 2, KTSTR_GATE_FAMILIES>(
                 "fdr", "log ratios judged together, at a false discovery rate", ktstr::fdr::kOptionsSchema)))
