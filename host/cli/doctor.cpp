// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.hpp"

#include <memory>

#include "cli/cli.hpp"
#include "cli/stats.hpp"
#include "plugin/catalogue.hpp"
#include "show/doctor.hpp"
#include "support/files.hpp"
#include "support/wait.hpp"

namespace ktstr {
namespace {

struct DoctorFlags {
  std::string kernel;
  bool json = false;
};

/// What was found on the search path; runs no code of theirs.
Checks plugin_checks(const PluginCatalogue& catalogue) {
  Checks checks;
  for (const FoundPlugin& plugin : catalogue.plugins()) {
    if (plugin.shadowed) continue;
    const std::string name =
        plugin.manifest.id.empty() ? plugin.manifest.file.filename().string() : plugin.manifest.id;
    if (!plugin.problem.empty()) {
      checks.push_back(
          {"plugins", name, CheckState::kWarn, "cannot be used: " + plugin.problem, plugin.hint});
      continue;
    }
    const auto sum = sha256_of_file(plugin.manifest.library_path());
    checks.push_back(fine("plugins", name,
                          plugin.manifest.version + ", " + plugin.origin +
                              (sum ? ", sha256 " + *sum : "; " + sum.error().message)));
  }
  return checks;
}

Result<ExitCode> doctor(Session& session, const AppContext& context, const DoctorFlags& flags) {
  Checks checks;
  {
    const std::string what = "looking at this machine and starting a guest";
    const Wait wait(context.err_is_terminal, context.width, context.config.cache_dir, what, what);
    checks = examine(context, flags.kernel);
    wait.done();
  }
  if (context.cancelled) return Error{ExitCode::kInterrupted, "interrupted", ""};
  const auto catalogue = session.catalogue();
  if (!catalogue) return catalogue.error();
  for (Check& check : plugin_checks(**catalogue)) checks.push_back(std::move(check));
  const ExitCode printed =
      print_out(flags.json ? to_text(doctor_json(checks)) + "\n"
                           : doctor_text(checks, context.out_colour, out_width(context)));
  return worse(printed, state_of(checks) == CheckState::kFail ? ExitCode::kEnvironment : ExitCode::kFine);
}

}  // namespace

void define_doctor(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<DoctorFlags>();
  command
      ->add_option("--kernel", flags->kernel, "the kernel that tests are to run on, as ktstr test takes it")
      ->type_name("KERNEL");
  add_json_flag(*command, flags->json);
  command->footer("Ends with 0 when everything is fine or only warned about, with 3 when something failed.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      return with_application(session, {}, [&](const Config&, const AppContext& context) {
        return doctor(session, context, *flags);
      });
    };
  });
}

}  // namespace ktstr
