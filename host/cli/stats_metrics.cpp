// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>

#include "cli/stats.hpp"
#include "show/metric_list.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct MetricFlags {
  bool json = false, details = false;
};

Result<ExitCode> list_metrics(const AppContext& context, const MetricFlags& flags) {
  const MetricRegistry& metrics = context.config.metrics;
  if (flags.json) return print_out(to_text(metric_list_json(metrics)) + "\n");
  if (flags.details) return print_out(metric_details_text(metrics, out_width(context)));
  return print_out(text_table(metric_list_table(metrics), {2, 3}, out_width(context)));
}

}  // namespace

void define_stats_metrics(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<MetricFlags>();
  command->add_flag("--details", flags->details,
                    "a few lines for each: meaning, gates, kind, how runs fold, place in the sidecar");
  add_json_flag(*command, flags->json);
  on_stats(*command, chosen, flags, list_metrics);
}

}  // namespace ktstr
