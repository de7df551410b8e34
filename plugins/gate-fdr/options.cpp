// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>

namespace ktstr::fdr {
namespace {

constexpr double kLeastQ = 1e-6;  // tails beyond are those of the model, not of any machine

const auto kOptions =
    kit::OptionTable<Options>("gate fdr")
        .number("q", &Options::q, {kLeastQ, 0.5, kit::Ends::kOpenAbove},
                "false discovery rate over all comparisons of a call")
        .number(
            "prior_df", &Options::prior_df, {0, 1000},
            "most degrees of freedom that history, or the other metrics, may weigh; 0: each metric by itself")
        .number("margin", &Options::margin, {0, 1},
                "part of the relative gate that the change must be shown to exceed")
        .number("session_spread", &Options::session_spread, {0, 1000},
                "for sides of different sessions: variance between sessions over the variance between runs")
        .flag("strict", &Options::strict,
              "Holm's adjustment: at most one invocation in 1/q has any false finding")
        .flag("extremes", &Options::extremes, "let maxima gate too");

}  // namespace

const std::string kOptionsSchema = kOptions.schema();

Options parse_options(std::string_view text) {
  return kit::refusing_mistakes([&] { return kOptions.read(text); });
}

}  // namespace ktstr::fdr
