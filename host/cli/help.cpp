// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/man_page.hpp"
#include "cli/topics.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

std::string exit_codes() {
  std::string out, order;
  for (const ExitCodeRow& row : kExitCodes) {
    std::string number = std::to_string(static_cast<int>(row.code));
    number.resize(5, ' ');
    out += number + std::string(row.when) + "\n";
  }
  for (int rank = 1; rank < static_cast<int>(std::size(kExitCodes)); ++rank) {
    for (const ExitCodeRow& row : kExitCodes) {
      if (row.rank == rank) order += (rank > 1 ? ", " : "") + std::to_string(static_cast<int>(row.code));
    }
  }
  KTSTR_ASSERT(static_cast<std::size_t>(std::count(order.begin(), order.end(), ',')) + 2 ==
               std::size(kExitCodes));  // every rank but that of success is somebody's
  return out + "\nWhen several apply, the first of " + order + " wins.\n";
}

std::string all_commands() {
  std::vector<std::vector<std::string>> table{{"COMMAND", "WHAT IT IS FOR"}};
  for (const Command& command : commands())
    table.push_back({"ktstr " + std::string(command.words), std::string(command.summary)});
  return text_table(table);
}

constexpr Topic kTopics[] = {{"exit-codes", "what the process returns", exit_codes},
                             {"commands", "all of them, a line each", all_commands}};

/// The pages are made while the command line is still there.
CommandAction man_pages_into(const CLI::App& root, const std::string& directory) {
  const Status written = write_man_pages(root, directory);
  return [written](Session&) { return written ? ExitCode::kFine : report(written.error()); };
}

}  // namespace

std::span<const Topic> topics() { return kTopics; }

void define_help(CLI::App* help, CommandAction& chosen) {
  auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("topic", *words, "exit-codes, commands, or a command")->type_name("TOPIC");
  auto directory = std::make_shared<std::string>();
  help->add_option("--man-pages", *directory, "write the manual pages of all commands into this directory")
      ->type_name("DIR");
  help->callback([words, directory, help, &chosen] {
    if (!directory->empty()) {
      chosen = man_pages_into(*help->get_parent(), *directory);
      return;
    }
    if (words->empty()) throw CLI::CallForHelp();
    for (const Topic& topic : kTopics) {
      if (words->size() != 1 || words->front() != topic.name) continue;
      chosen = [&topic](Session&) { return print_out(topic.text()); };
      return;
    }
    const CLI::App* at = help->get_parent();
    std::string parents;
    for (const std::string& word : *words) {
      const CLI::App* next = nullptr;
      std::vector<std::string> names;
      for (const Topic& topic : kTopics) names.emplace_back(topic.name);
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
