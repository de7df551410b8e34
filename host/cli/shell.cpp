// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "measure/guest_shell.hpp"
#include "measure/selection.hpp"

namespace ktstr {
namespace {

struct ShellFlags {
  std::string test, topology, kernel, command;
  bool gdb = false, dry_run = false;
};

/// The one that is meant: by its whole name, or by a part that no other has.
Result<TestEntry> find_test(const AppContext& context, RunnerPort& runner, const std::string& name) {
  const auto tests = discover_tests(context, runner, context.config.project_dir);
  if (!tests) return tests.error();
  for (const TestEntry& test : *tests) {
    if (test.name == name) return test;
  }
  TestSelection selection;
  selection.names = {name};
  const auto selected = select_tests(*tests, selection);
  if (!selected) return selected.error();
  if (selected->size() == 1) return selected->front();
  std::vector<std::string> names;
  for (const TestEntry& test : *selected) names.push_back(test.name);
  return usage_error("\"" + printable(name) + "\" is a part of " + std::to_string(names.size()) +
                         " names of tests, and a shell is like one of them",
                     "they are: " + printable(join(names, ", ")));
}

/// What a guest printed may be anything: on a terminal it is made safe to show.
ExitCode print_output(const AppContext& context, const ShellAnswer& answer) {
  const auto safe = [](const std::string& text, bool terminal) {
    if (!terminal) return text;
    std::string out;
    for (const std::string& line : kit::lines(text)) out += printable(line) + "\n";
    return out;
  };
  const std::string errors = safe(answer.err, context.err_is_terminal);
  for (std::size_t at = 0; at < errors.size();) {
    const ssize_t n = ::write(2, errors.data() + at, errors.size() - at);
    if (n <= 0) break;
    at += static_cast<std::size_t>(n);
  }
  return print_out(safe(answer.out, context.out_is_terminal));
}

Result<ExitCode> run_shell(const AppContext& context, const ShellFlags& flags) {
  const bool alone = flags.command.empty() && !flags.dry_run;
  if (alone && ::isatty(0) == 0)
    return usage_error("a shell needs a terminal, and stdin is none",
                       "run one command: ktstr shell --exec CMD");
  const auto runner = context.plugins.make_runner(context.config.runner.use,
                                                  creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  TestEntry test;
  if (!flags.test.empty()) {
    auto found = find_test(context, **runner, flags.test);
    if (!found) return found.error();
    test = std::move(*found);
  }
  const auto kernel = resolve_kernel(context, flags.kernel);
  if (!kernel) return kernel.error();
  if (!flags.test.empty() && !flags.dry_run) {
    const std::filesystem::path& project = context.config.project_dir;
    const Status built = build_project(context, *kernel, {project, "", "cd " + project.string(), "", {}, {}});
    if (!built) return built.error();
  }
  ShellWish wish;
  if (!flags.test.empty()) wish.test = &test;
  wish.topology = flags.topology;
  if (!flags.command.empty()) wish.command = flags.command;
  wish.gdb = flags.gdb;
  wish.dry_run = flags.dry_run;
  RunnerPort& running = **runner;
  context.on_cancel([&running] { running.interrupt(); });
  const auto answer = open_shell(context, running, *kernel, wish);
  context.on_cancel({});
  if (!answer) return answer.error();
  if (!*answer) return usage_error("the runner " + printable(context.config.runner.use) + " has no shell");
  if (flags.dry_run) return print_out(shell_line((*answer)->command_line) + "\n");
  const ExitCode printed = print_output(context, **answer);
  return printed == ExitCode::kFine ? static_cast<ExitCode>((*answer)->exit_status) : printed;
}

}  // namespace

void define_shell(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<ShellFlags>();
  command
      ->add_option(
          "test", flags->test,
          "the guest is like that of this test: its topology, memory, kernel arguments and sysctls, and "
          "its scheduler's files; none is attached")
      ->type_name("TEST");
  command->add_option("--topology", flags->topology, "CPUs of the guest, as test manifests have it: 1n2l4c1t")
      ->type_name("TOPOLOGY");
  command->add_option("--kernel", flags->kernel, "kernel to boot, as ktstr test takes it")
      ->type_name("KERNEL");
  command
      ->add_option("--exec", flags->command,
                   "run this by the guest's shell instead, print what it prints and end with its exit status")
      ->type_name("CMD");
  command->add_flag("--gdb", flags->gdb, "print the line by which a debugger attaches to the guest's kernel");
  command->add_flag("--dry-run", flags->dry_run, "print the command line that would start the guest");
  command->footer(
      "Ctrl-A x ends the guest at once, Ctrl-A Ctrl-A types one Ctrl-A. The shell is busybox; "
      "$KTSTR_SCHEDULER\n"
      "there is the line that starts the test's scheduler.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(
          session, {}, [&](const Config&, const AppContext& context) { return run_shell(context, *flags); });
    };
  });
}

}  // namespace ktstr
