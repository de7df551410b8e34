// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/log.hpp"
#include "config/ci_files.hpp"
#include "config/first_project.hpp"

namespace ktstr {
namespace {

struct InitFlags {
  std::string directory = ".", ci = "github";
};

/// Those of this ktstr, installed or where it was built; of the usual place when it has none.
std::filesystem::path schemas() {
  const std::filesystem::path usual = "/usr/local/share/ktstr/schema";
  for (const char* place : {"share/ktstr/schema", "schema"}) {
    std::error_code error;
    const std::filesystem::path mine = installation_prefix() / place;
    if (std::filesystem::exists(mine / "ktstr.schema.json", error)) return mine;
  }
  return usual;
}

Result<ExitCode> init(const Environment& environment, const InitFlags& flags) {
  FirstProject wanted;
  wanted.directory = (std::filesystem::path(environment.cwd) / flags.directory).lexically_normal();
  wanted.schemas = schemas();
  wanted.ci = flags.ci;
  const auto done = write_first_project(wanted);
  if (!done) return done.error();
  std::string out;
  for (const std::string& name : done->written) out += "wrote " + name + "\n";
  for (const std::string& name : done->left) log_inform(name + " is there already and was left alone");
  const std::string there =
      flags.directory == "." ? "" : "cd " + shell_word(printable(flags.directory)) + " && ";
  return print_out(out + "next: " + there +
                   "ktstr kernel fetch 6.18 --if-missing && ktstr test --kernel 6.18\n");
}

}  // namespace

void define_init(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<InitFlags>();
  command->add_option("DIR", flags->directory, "where; the working directory when it is left out");
  std::vector<std::string> systems;
  for (const CiFile& ci : ci_files()) systems.push_back(ci.system);
  systems.emplace_back("none");
  command->add_option("--ci", flags->ci, "whose CI file to write: github, gitlab, jenkins or none")
      ->type_name("SYSTEM")
      ->check(one_of(systems));
  command->footer("Nothing that is there is overwritten; a directory with a ktstr.json is refused.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      const Result<ExitCode> code = init(session.environment(), *flags);
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace ktstr
