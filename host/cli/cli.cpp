// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <map>

#include "cli/completion.hpp"
#include "cli/log.hpp"
#include "cli/pages.hpp"
#include "cli/parse_errors.hpp"
#include "config/load.hpp"
#include "config/plugin_choice.hpp"
#include "plugin/isolated_child.hpp"
#include "plugin/isolation_frames.hpp"
#include "support/output.hpp"

namespace ktstr {
namespace {

std::map<const CLI::App*, std::string>& examples() {
  static std::map<const CLI::App*, std::string> by_command;
  return by_command;
}

/// An example first: most people who ask for help want a line to copy.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
    const auto example = examples().find(app);
    std::string out;
    if (mode == CLI::AppFormatMode::Normal && example != examples().end()) {
      out = "Example:\n";
      for (const std::string& line : split(example->second, '\n')) out += "  " + line + "\n";
      out += "\n";
    }
    out += CLI::Formatter::make_help(app, name, mode);
    const std::string words = app->get_parent() == nullptr ? "" : full_name(*app).substr(6);  // ktstr
    const std::string page = words.empty() ? "" : page_of_command(words);
    if (mode == CLI::AppFormatMode::Normal && !page.empty()) out += "\nPage: ktstr help " + page + ".md\n";
    return out;
  }
};

/// Below its group, which stands before it.
void add_command(CLI::App& root, const Command& row, CommandAction& chosen) {
  CLI::App* parent = &root;
  std::vector<std::string> words = split(row.words, ' ');
  for (std::size_t i = 0; i + 1 < words.size(); ++i) parent = parent->get_subcommand(words[i]);
  KTSTR_ASSERT(!words.back().empty());
  CLI::App* command = parent->add_subcommand(words.back(), std::string(row.summary));
  KTSTR_ASSERT(!examples().contains(command) && !row.example.empty());
  examples()[command] = std::string(row.example);
  row.define(command, chosen);
  for (CLI::Option* option : command->get_options([](const CLI::Option*) { return true; })) {
    if (option->get_items_expected_max() == 0) option->disable_flag_override();  // --list=5 is no --list
  }
}

/// What makes the command print this document, "" when nothing needs to; none when it never does.
std::vector<std::string> conditions_of(const DocumentRow& row, const std::string& words) {
  std::vector<std::string> out;
  for (const std::string& part : split(row.commands, ',')) {
    const std::string_view how = without_margins(part);
    if (!how.starts_with(words)) continue;
    const std::string_view rest = how.substr(words.size());
    const bool condition = rest.size() > 1 && (rest[1] == '-' || (rest[1] >= 'A' && rest[1] <= 'Z'));
    if (rest.empty() || condition) out.emplace_back(without_margins(rest));
  }
  return out;
}

}  // namespace

void add_commit_flags(CLI::App& command, CommitChoice& choice) {
  command.add_option("--base", choice.base, "compare with this commit, directly")->type_name("COMMIT");
  command.add_option("--base-ref", choice.base_ref, "compare with the merge base of HEAD and REF")
      ->type_name("REF");
  command
      .add_option("--default-branch", choice.default_branch,
                  "otherwise: merge base of HEAD and this branch (default main)")
      ->type_name("BRANCH");
}

CLI::Option* add_json_flag(CLI::App& command, bool& json) {
  const std::string words = full_name(command).substr(6);  // ktstr
  std::vector<std::string> told;
  for (const DocumentRow& row : documents()) {
    const auto when = conditions_of(row, words);
    if (when.empty()) continue;
    const std::string condition = join(when, " or ");
    told.push_back((condition.empty() ? "" : "with " + condition + " ") + std::string(row.name) + ": " +
                   std::string(row.holds));
  }
  KTSTR_ASSERT(!told.empty());  // whoever prints JSON has a row in the table of documents
  return command.add_flag("--json", json, "print the document " + join(told, "; "));
}

void add_report_flags(CLI::App& command, ReportFlags& flags) {
  command
      .add_option("--reporter", flags.reporters,
                  "reporter and where it writes: NAME[::out=FILE][::key=value]; repeatable")
      ->type_name("SPEC")
      ->take_all()
      ->allow_extra_args(false);
  CLI::Option* json = add_json_flag(command, flags.json);
  json->description("the same as --reporter json: " + json->get_description());
}

Result<Config> config_with(Session& session, const ReportFlags& flags) {
  const auto loaded = session.config();
  if (!loaded) return loaded.error();
  Config config = **loaded;
  std::vector<ReporterChoice> chosen;
  for (const std::string& flag : flags.reporters) {
    auto reporter = parse_reporter_flag(flag);
    if (!reporter) return reporter.error();
    reporter->isolate = is_isolated(config.reporters, reporter->use);
    chosen.push_back(std::move(*reporter));
  }
  if (flags.json) chosen.push_back({"json", "", "{}"});
  if (!chosen.empty()) {
    config.reporters = std::move(chosen);
    config.origins["reporters"] = "flag";
  }
  return config;
}

Application::Application(Session& session, Config own, PluginProvider& plugins)
    : config(std::move(own)),
      kernels(config.cache_dir, Session::cancelled()),
      context{session.environment(),
              config,
              plugins,
              kernels,
              Session::cancelled(),
              Session::on_cancel,
              log_warn,
              log_inform,
              session.terminal().out_is_terminal,
              session.terminal().err_is_terminal,
              session.terminal().out_colour,
              session.terminal().width,
              log_explanation} {}

std::string example_of(const CLI::App& command) {
  const auto found = examples().find(&command);
  return found == examples().end() ? "" : found->second;
}

ExitCode print_out(const std::string& text) {
  const Status written = write_out(text);
  return written ? ExitCode::kFine : report(written.error());
}

std::optional<ExitCode> parse_command_line(std::vector<std::string> arguments, GlobalFlags& flags,
                                           CommandAction& chosen) {
  CLI::App root{"Did my scheduler change regress anything?", "ktstr"};
  root.formatter(std::make_shared<HelpFormatter>());
  examples()[&root] = "ktstr test --kernel 6.18\nktstr perf-delta --base HEAD~1";
  root.fallthrough();
  root.set_help_flag("-h,--help", "print this help and exit");
  root.set_version_flag("-V,--version", std::string("ktstr ") + KTSTR_VERSION, "print the version and exit");
  root.add_option("-C", flags.directory, "run as if started in DIR")->type_name("DIR");
  root.add_option("--color", flags.color, "auto, always or never")
      ->check(one_of({"auto", "always", "never"}))
      ->type_name("WHEN");
  root.add_option("--plugin-dir", flags.plugin_dirs, "look for plugins here first; repeatable")
      ->type_name("DIR")
      ->take_all()
      ->allow_extra_args(false);
  root.add_option("--profile", flags.profile, "a profile of the configuration (docs/profiles.md)")
      ->type_name("NAME");
  root.add_option("--store", flags.store,
                  "where the runs are kept: a URL (s3://bucket/prefix), a directory, or a plugin's name")
      ->type_name("STORE");
  root.add_flag("--safe", flags.safe,
                "load no plugin but those that come with ktstr and those of `ktstr plugin trust`");
  root.add_flag("-q,--quiet", flags.quiet, "results, warnings and errors only: no progress, no notes");
  root.add_flag("-v,--verbose", flags.verbose,
                "say what is done, why, and what took how long; -vv: everything, for a bug report");
  root.add_option("--trace-plugins", flags.trace_plugins,
                  "write every call of a plugin to FILE, which ui.perfetto.dev opens")
      ->type_name("FILE");
  for (const Command& row : commands()) add_command(root, row, chosen);

  if (!arguments.empty() && arguments.front() == kIsolatedCommand) {
    chosen = [](Session&) {
      const Status served = serve_isolated(environment_variable, Session::cancelled());
      return served ? ExitCode::kFine : report(served.error());
    };
    return std::nullopt;
  }
  if (!arguments.empty() && arguments.front() == "__complete") {  // a shell asks, see completion.hpp
    const Completion completion = completion_of(root, {arguments.begin() + 1, arguments.end()});
    chosen = [completion](Session& session) { return print_completion(session, completion); };
    return std::nullopt;
  }
  // CLI11 would take the topic of `help perf-delta` for the command of that name.
  if (arguments.size() > 1 && arguments.front() == "help" &&
      std::none_of(arguments.begin(), arguments.end(),
                   [](const std::string& a) { return a.starts_with('-'); })) {
    arguments.insert(arguments.begin() + 1, "--");
  }
  for (const std::string& argument : arguments) {
    if (argument == "--") break;
    // CLI11 would take the next argument for the value.
    if (argument.starts_with("--") && argument.ends_with('='))
      return report(no_value(printable(argument.substr(0, argument.size() - 1)), root));
  }
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
  try {
    root.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    const CLI::App& command = deepest(root);
    return print_out(command.help(command.get_parent() == nullptr ? "" : full_name(*command.get_parent())));
  } catch (const CLI::CallForVersion& version) {
    return print_out(std::string(version.what()) + "\n");
  } catch (const CLI::Error& error) {
    return report(parse_error(root, error));
  }
  if (const auto empty = empty_value(root)) return report(*empty);
  if (flags.quiet && flags.verbose > 0)
    return report(usage_error("-q says less and -v says more", "leave one of them out"));
  if (!chosen) return report(no_command(root));
  return std::nullopt;
}

}  // namespace ktstr
