// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/cli.hpp"
#include "measure/runner_task.hpp"

namespace ktstr {
namespace {

struct CallFlags {
  std::string function, file;
  TaskPlace place;
};

Result<ExitCode> call(const AppContext& context, const CallFlags& flags) {
  const bool run = flags.function == "run";
  if (run == flags.place.directory.empty())
    return usage_error(run ? "run needs --dir, where its result goes" : "--dir is for run");
  const auto task =
      read_runner_task(flags.file == "-" ? "" : std::filesystem::path(context.environment.cwd) / flags.file);
  if (!task) return task.error();
  if (!run) {
    const auto told = flags.function == "probe" ? probe_task(context, *task) : discover_task(context, *task);
    if (!told) return told.error();
    return print_out(*told);
  }
  const Status done = run_task(context, *task, flags.place);
  if (!done) return done.error();
  return ExitCode::kFine;
}

}  // namespace

void define_plugin_call(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<CallFlags>();
  command->add_option("FUNCTION", flags->function, "discover, probe or run")
      ->required()
      ->check(one_of({"discover", "probe", "run"}));
  command->add_option("FILE", flags->file, "the task: runner, options and request; -: stdin")->required();
  command->add_option("--test", flags->place.test, "run: which of the request's tests, from 0 (default 0)")
      ->type_name("N")
      ->check(whole_number());
  command->add_option("--dir", flags->place.directory, "run: a directory that is made and gets the result")
      ->type_name("DIR");
  command->add_option("--node", flags->place.node, "run: what the result calls this machine")
      ->type_name("NAME");
  command->footer(
      "For runners that hand tests on to other machines (docs/farm.md): calls a runner as the host does,\n"
      "without building, storing or judging. A test that fails is a result, and ends with 0.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, {}, [&](const Config&, const AppContext& context) { return call(context, *flags); });
    };
  });
}

}  // namespace ktstr
