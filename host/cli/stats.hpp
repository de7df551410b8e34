// SPDX-License-Identifier: Apache-2.0
//
// What the subcommands of `ktstr stats` share.
#pragma once
#include <memory>
#include <string>

#include "cli/cli.hpp"
#include "report/reports.hpp"

namespace ktstr {

struct StatsFlags {
  std::string directory, run;
  ReportFlags report;
};

/// Adds --dir, --reporter and --json.
void add_stats_flags(CLI::App& command, StatsFlags& flags);

/// Columns to fold to; 0 in a pipe, where nothing is.
inline std::size_t out_width(const AppContext& context) {
  return context.out_is_terminal ? context.width : 0;
}

/// A table of stored runs: through the reporters that a flag chose, else as it is. A look at what is stored
/// replaces no file that the configuration names.
template <typename Document, typename Text>
Result<ExitCode> show_table(const AppContext& context, const ReportFlags& flags, Document document,
                            Text text) {
  const auto json = [&] { return to_text(document()) + "\n"; };
  if (flags.reporters.empty()) return print_out(flags.json ? json() : text());
  return show_body(context, KTSTR_DOCUMENT_STATS, {json(), text()});
}

/// Makes `work(context, flags)` the action when the command is chosen.
template <typename Flags, typename Work>
void on_stats(CLI::App& command, CommandAction& chosen, std::shared_ptr<Flags> flags, Work work) {
  command.callback([flags, work, &chosen] {
    chosen = [flags, work](Session& session) {
      return with_application(
          session,
          ReportFlags{flags->report.reporters, flags->report.json && !flags->report.reporters.empty()},
          [&](const Config&, const AppContext& context) { return work(context, *flags); });
    };
  });
}

}  // namespace ktstr
