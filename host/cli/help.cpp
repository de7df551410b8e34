// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/cli.hpp"
#include "support/text.hpp"

namespace ktstr {
namespace {

constexpr const char* kExitCodes =
    "0    nothing failed\n"
    "1    a test failed, or the gate tripped\n"
    "2    usage or configuration\n"
    "3    environment: no kernel, QEMU missing, VM could not start, baseline cannot be resolved\n"
    "4    a plugin, store or reporter failed though the tests passed\n"
    "5    nothing failed, but a verdict is inconclusive\n"
    "130  interrupted\n"
    "\n"
    "When several apply, the first of 130, 2, 3, 1, 4, 5 wins.\n";

}  // namespace

void define_help(CLI::App& root, CommandAction& chosen) {
  CLI::App* help = add_command(root, "help", "help on a topic or a command",
                               "ktstr help exit-codes\nktstr help perf-delta");
  auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("topic", *words, "exit-codes, or a command")->type_name("TOPIC");
  help->callback([words, &root, &chosen] {
    if (words->empty()) throw CLI::CallForHelp();
    if (words->size() == 1 && words->front() == "exit-codes") {
      chosen = [](Session&) { return print_out(kExitCodes); };
      return;
    }
    const CLI::App* at = &root;
    std::string parents;
    for (const std::string& word : *words) {
      const CLI::App* next = nullptr;
      std::vector<std::string> names{"exit-codes"};
      for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(sub->get_name());
        if (sub->get_name() == word) next = sub;
      }
      if (next == nullptr) {
        const Error error =
            usage_error("there is no help on \"" + printable(word) + "\"" + suggestion(word, names),
                        "topics: " + join(names, ", "));
        chosen = [error](Session&) { return report(error); };
        return;
      }
      parents += (parents.empty() ? "" : " ") + at->get_name();
      at = next;
    }
    const std::string text = at->help(parents);
    chosen = [text](Session&) { return print_out(text); };
  });
}

}  // namespace ktstr
