// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "plugin/new_plugin.hpp"

namespace ktstr {
namespace {

namespace fs = std::filesystem;

struct NewPluginFlags {
  std::string kind, name, lang, directory;
};

Result<ExitCode> make_plugin(const Environment& environment, const NewPluginFlags& flags) {
  const fs::path prefix = installation_prefix();
  const auto examples = plugin_examples(prefix / "share/ktstr/examples");
  if (!examples) return examples.error();
  const auto example = choose_example(*examples, flags.kind, flags.lang);
  if (!example) return example.error();
  if (const Status fine = check_plugin_name(flags.name); !fine) return fine.error();
  const std::string shown = flags.directory.empty() ? flags.kind + "-" + flags.name : flags.directory;
  fs::path directory = (fs::path(environment.cwd) / shown).lexically_normal();
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
      const Result<ExitCode> code = make_plugin(session.environment(), *flags);
      return code ? *code : report(code.error());
    };
  });
}

}  // namespace ktstr
