// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/new_plugin.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

struct NewPluginFlags {
  std::string kind, name, lang, directory;
};

/// Two plugins of one kind and name can only be told apart by their ids: nobody begins with such a name.
Status refuse_shipped(const PluginCatalogue& catalogue, const std::string& kind, const std::string& name) {
  std::vector<std::string> taken;
  for (const FoundPlugin& found : catalogue.plugins()) {
    for (const ManifestRow& row : found.manifest.provides) {
      if (found.shipped && kind_of(row.interface_id) == kind) taken.push_back(row.name);
    }
  }
  std::sort(taken.begin(), taken.end());
  if (std::find(taken.begin(), taken.end(), name) == taken.end()) return Ok{};
  return usage_error("the " + kind + " \"" + name + "\" comes with ktstr: yours needs a name of its own",
                     "taken: " + join(taken, ", "));
}

Result<ExitCode> make_plugin(Session& session, const NewPluginFlags& flags) {
  const fs::path prefix = installation_prefix();
  const auto examples = plugin_examples(prefix / "share/ktstr/examples");
  if (!examples) return examples.error();
  const auto example = choose_example(*examples, flags.kind, flags.lang);
  if (!example) return example.error();
  if (const Status fine = check_plugin_name(flags.name); !fine) return fine.error();
  const auto catalogue = session.catalogue();
  if (!catalogue) return catalogue.error();
  if (const Status own = refuse_shipped(**catalogue, example->kind, flags.name); !own) return own.error();
  const std::string shown = flags.directory.empty() ? flags.kind + "-" + flags.name : flags.directory;
  fs::path directory = (fs::path(session.environment().cwd) / shown).lexically_normal();
  if (!directory.has_filename()) directory = directory.parent_path();
  const auto written = write_new_plugin(*example, flags.name, directory);
  if (!written) return written.error();
  std::string out =
      example->kind + " " + flags.name + " in " + example->lang + ", from: " + example->about + "\n";
  for (const std::string& file : *written) out += "wrote " + printable(file) + "\n";
  // /usr is where CMake looks anyway.
  const std::string sdk =
      prefix == "/usr" ? "" : " -DCMAKE_PREFIX_PATH=" + shell_word(printable(prefix.string()));
  return print_out(out + "next:\n  cd " + shell_word(printable(shown)) + " && cmake -S . -B build" + sdk +
                   "\n  cmake --build build\n  sh tests/run build\n");
}

}  // namespace

void define_plugin_new(CLI::App* command, CommandAction& chosen) {
  auto flags = std::make_shared<NewPluginFlags>();
  command->add_option("KIND", flags->kind, "gate, reporter, runner, store or baseline")->required();
  command->add_option("NAME", flags->name, "what it is called in ktstr.json: lower-case letters, digits, -")
      ->required();
  command->add_option("--lang", flags->lang, "c, cpp or rust; the kind's simplest when it is left out")
      ->type_name("LANG");
  command->add_option("--dir", flags->directory, "where; ./KIND-NAME when it is left out")->type_name("DIR");
  command->footer(
      "Copies one of the examples that come with the SDK. A directory that is not empty is refused.");
  command->callback([flags, &chosen] {
    chosen = [flags](Session& session) {
      const Result<ExitCode> code = make_plugin(session, *flags);
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace ktstr
