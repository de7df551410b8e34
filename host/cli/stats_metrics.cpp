// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>

#include "cli/stats.hpp"
#include "show/metric_list.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

struct MetricFlags {
  ReportFlags report;
  bool details = false;
};

Result<ExitCode> list_metrics(const AppContext& context, const MetricFlags& flags) {
  const MetricRegistry& metrics = context.config.metrics;
  return show_table(
      context, flags.report, [&] { return metric_list_json(metrics); },
      [&] {
        return flags.details ? metric_details_text(metrics, out_width(context))
                             : text_table(metric_list_table(metrics), {2, 3}, out_width(context));
      });
}

}  // namespace

void define_stats_metrics(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<MetricFlags>();
  command->add_flag("--details", flags->details,
                    "a few lines for each: meaning, gates, kind, how runs fold, place in the sidecar");
  add_report_flags(*command, flags->report);
  on_stats(*command, chosen, flags, list_metrics);
}

}  // namespace ktstr
