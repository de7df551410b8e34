// SPDX-License-Identifier: Apache-2.0
#include "show/verifier.hpp"

#include <memory>

#include "cli/cli.hpp"
#include "cli/stats.hpp"
#include "measure/guest_shell.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace {

struct VerifierFlags {
  std::vector<std::string> schedulers, kernels;
  bool json = false;
};

Result<ExitCode> run_verifier(const AppContext& context, const VerifierFlags& flags) {
  const auto runner = context.plugins.make_runner(context.config.runner.use,
                                                  creation_of(context, context.config.runner.options_json));
  if (!runner) return runner.error();
  const auto kernels = resolve_kernels(context, flags.kernels);
  if (!kernels) return kernels.error();
  const std::filesystem::path& project = context.config.project_dir;
  RunnerPort& running = **runner;
  context.on_cancel([&running] { running.interrupt(); });
  std::vector<KernelVerification> all;
  for (const Kernel& kernel : *kernels) {
    const Status built = build_project(context, kernel, {project, "", "cd " + project.string(), "", {}, {}});
    if (!built) return built.error();
    const std::string what = "loading schedulers on " + kernel.id();
    const Wait wait(context.err_is_terminal, context.width, context.config.cache_dir, what, what);
    auto verified = verify_schedulers(context, running, kernel, flags.schedulers);
    if (!verified) return verified.error();
    if (!*verified)
      return usage_error("the runner " + printable(context.config.runner.use) +
                         " loads no schedulers by themselves");
    wait.done();
    all.push_back({kernel.id(), std::move(**verified)});
  }
  context.on_cancel({});
  const ExitCode printed = print_out(flags.json ? to_text(verification_json(all)) + "\n"
                                                : verification_text(all, out_width(context)));
  return worse(printed, all_loaded(all) ? ExitCode::kFine : ExitCode::kFailed);
}

}  // namespace

void define_verifier(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<VerifierFlags>();
  command
      ->add_option(
          "schedulers", flags->schedulers,
          "names that tests or ktstr.json declare, or programs; all that are declared when none is given")
      ->type_name("SCHEDULER");
  command
      ->add_option(
          "--kernel", flags->kernels,
          "kernel to load them on, as ktstr test takes it; repeatable, and each is compared with the "
          "first")
      ->type_name("KERNEL")
      ->take_all()
      ->allow_extra_args(false);
  add_json_flag(*command, flags->json);
  command->footer("Ends with 1 when a scheduler did not load on a kernel.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, {}, [&](const Config&, const AppContext& context) {
        return run_verifier(context, *flags);
      });
    };
  });
}

}  // namespace ktstr
