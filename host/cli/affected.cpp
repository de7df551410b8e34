// SPDX-License-Identifier: Apache-2.0
#include "show/affected.hpp"

#include <memory>

#include "cli/cli.hpp"
#include "measure/affected_tests.hpp"
#include "measure/selection.hpp"

namespace ktstr {
namespace {

struct AffectedFlags {
  ReportFlags report;
  TestSelection selection;
  CommitChoice base;
};

Result<ExitCode> show_affected(const AppContext& context, const AffectedFlags& flags) {
  const auto runner = context.plugins.make_runner(context.config.runner.use,
                                                  creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  const auto tests = discover_tests(context, **runner, context.config.project_dir);
  if (!tests) return tests.error();
  const auto selected = select_tests(*tests, flags.selection);
  if (!selected) return selected.error();
  const auto baseline = context.plugins.make_baseline(
      context.config.baseline.use, creation_of(context, context.config.baseline.options_json));
  if (!baseline) return baseline.error();
  const auto tree = (*baseline)->describe(context.config.project_dir.string());
  if (!tree) return tree.error();
  auto affected = affected_tests(context, flags.base, **baseline, *tree, *tests);
  if (!affected) return affected.error();
  keep_selected(*selected, *affected);
  for (const std::string& line : news_of(*affected)) context.warn(line);
  return print_out(flags.report.json ? to_text(affected_json(*affected)) + "\n" : affected_text(*affected));
}

}  // namespace

void define_affected(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<AffectedFlags>();
  command
      ->add_option("tests", flags->selection.names,
                   "parts of test names, or globs; all tests when none is given")
      ->type_name("TEST");
  add_commit_flags(*command, flags->base);
  add_json_flag(*command, flags->report.json);
  command->footer(
      "What belongs to a test says its runner, what to a scheduler \"sources\" of ktstr.json, what to "
      "nobody\n"
      "\"irrelevant\". A change that nobody claims affects every test.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, flags->report, [&](const Config&, const AppContext& context) {
        return show_affected(context, *flags);
      });
    };
  });
}

}  // namespace ktstr
