// SPDX-License-Identifier: Apache-2.0
//
// What the commands share on the command line.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/parse_errors.hpp"
#include "session/commits.hpp"
#include "session/context.hpp"
#include "show/cells.hpp"
#include "show/document.hpp"

namespace ktstr {

/// Options of commands that run tests or report: they change a copy of the configuration.
struct ReportFlags {
  std::vector<std::string> reporters;
  bool json = false;
};
void add_report_flags(CLI::App& command, ReportFlags& flags);

/// --json, as show/document.hpp has the documents of the command.
CLI::Option* add_json_flag(CLI::App& command, bool& json);

/// --base and its kin: which commit to compare with.
void add_commit_flags(CLI::App& command, CommitChoice& choice);

/// --gate SPEC…: replaces the configured gates, for stored and for repeated runs.
Status apply_gate_flags(const std::vector<std::string>& flags, Config& config);

/// The session's configuration with the flags applied.
Result<Config> config_with(Session& session, const ReportFlags& flags);

/// Everything an application session needs, and the objects behind it.
struct Application {
  Config config;
  KernelCatalogue kernels;
  AppContext context;
  Application(Session& session, Config own, PluginProvider& plugins);
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
};

/// Makes the application and runs `work` with its context; errors are reported and become exit codes.
template <typename Work>
ExitCode with_application(Session& session, const ReportFlags& flags, Work work);

/// The lines to copy of a command.
std::string example_of(const CLI::App& command);

/// Prints to stdout; a failing write is an error with exit code 4.
ExitCode print_out(const std::string& text);

/// Parses the command line. Returns an exit code when there is nothing left to do (help, version, an error
/// that has been reported).
std::optional<ExitCode> parse_command_line(std::vector<std::string> arguments, GlobalFlags& flags,
                                           CommandAction& chosen);

ExitCode report(const Error& error);  // cli/log.cpp

template <typename Work>
ExitCode with_application(Session& session, const ReportFlags& flags, Work work) {
  auto config = config_with(session, flags);
  if (!config) return report(config.error());
  auto plugins = session.plugins();
  if (!plugins) return report(plugins.error());
  if (const Status inside = session.keep_project_inside(*config); !inside) return report(inside.error());
  if (const Status known = session.check_choices(*config); !known) return report(known.error());
  if (const Status added = session.add_runner_metrics(*config); !added) return report(added.error());
  Application application(session, std::move(*config), **plugins);
  const Result<ExitCode> code = work(application.config, application.context);
  return code ? *code : report(code.error());
}

}  // namespace ktstr
