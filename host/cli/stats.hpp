// SPDX-License-Identifier: Apache-2.0
//
// What the subcommands of `ktstr stats` share.
#pragma once
#include <memory>
#include <string>

#include "cli/cli.hpp"

namespace ktstr {

struct StatsFlags {
  std::string directory, run;
  bool json = false;
};

/// Adds --dir and --json.
void add_stats_flags(CLI::App& command, StatsFlags& flags);

/// Columns to fold to; 0 in a pipe, where nothing is.
inline std::size_t out_width(const AppContext& context) {
  return context.out_is_terminal ? context.width : 0;
}

/// Makes `work(context, flags)` the action when the command is chosen.
template <typename Flags, typename Work>
void on_stats(CLI::App& command, CommandAction& chosen, std::shared_ptr<Flags> flags, Work work) {
  command.callback([flags, work, &chosen] {
    chosen = [flags, work](Session& session) {
      return with_application(
          session, {}, [&](const Config&, const AppContext& context) { return work(context, *flags); });
    };
  });
}

}  // namespace ktstr
