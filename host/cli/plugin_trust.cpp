// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "config/load.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/trust_file.hpp"

namespace ktstr {
namespace {

std::string shown(const PluginFiles& files) {
  std::string out = printable(files.now.id) + " " + printable(files.now.version) + ", " +
                    printable(files.manifest.vendor) + ", " + printable(files.manifest.license) + "\n";
  for (const ManifestRow& row : files.manifest.provides)
    out += "  offers    " + printable(kind_of(row.interface_id)) + " " + printable(row.name) + ": " +
           printable(row.summary) + "\n";
  out += "  manifest  " + printable(files.now.manifest.string()) +
         "\n            sha256:" + files.now.manifest_sha256 + "\n";
  return out + "  library   " + printable(files.now.library.string()) +
         "\n            sha256:" + files.now.library_sha256 + "\n";
}

Result<ExitCode> trust(const Environment& environment, const std::string& file) {
  const auto files = plugin_files(std::filesystem::path(environment.cwd) / file);
  if (!files) return files.error();
  const ExitCode printed = print_out(shown(*files));
  if (printed != ExitCode::kFine) return printed;
  const TrustFile kept(user_directory(environment));
  if (const Status added = kept.add(files->now); !added) return added.error();
  return print_out("trusted as it is now, in " + printable(kept.path().string()) + "\n");
}

Result<ExitCode> untrust(const Environment& environment, const std::string& file) {
  const TrustFile kept(user_directory(environment));
  const auto gone = kept.remove(std::filesystem::path(environment.cwd) / file);
  if (!gone) return gone.error();
  if (gone->empty())
    return usage_error(printable(file) + " is not trusted by its hash",
                       "what is stands in " + printable(kept.path().string()));
  std::string out;
  for (const TrustedPlugin& one : *gone)
    out += "no longer trusted by its hash: " + printable(one.id) + " " + printable(one.version) + ", " +
           printable(one.library.string()) + "\n";
  return print_out(out);
}

using TrustWork = Result<ExitCode> (*)(const Environment&, const std::string&);

void define_trust_command(CLI::App* command, CommandAction& chosen, TrustWork work) {
  auto file = std::make_shared<std::string>();
  command->add_option("FILE", *file, "a plugin's library or its manifest")->required();
  command->callback([file, work, &chosen] {
    chosen = [file, work](Session& session) {
      const Result<ExitCode> code = work(session.environment(), *file);
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace

void define_plugin_trust(CLI::App* command, CommandAction& chosen) {
  command->footer(
      "What it is trusted as is shown first; nothing of it runs. A plugin that changes has to be "
      "trusted again.");
  define_trust_command(command, chosen, trust);
}

void define_plugin_untrust(CLI::App* command, CommandAction& chosen) {
  define_trust_command(command, chosen, untrust);
}

}  // namespace ktstr
