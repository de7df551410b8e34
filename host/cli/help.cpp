// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>

#include "cli/cli.hpp"
#include "cli/man_page.hpp"
#include "cli/pages.hpp"
#include "cli/parse_errors.hpp"
#include "cli/topics.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kWidest = 110;  // lines that go on for longer are hard to follow

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

std::string all_documents() {
  std::vector<std::vector<std::string>> table{{"DOCUMENT", "COMMAND", "MEMBERS"}};
  for (const DocumentRow& row : documents())
    table.push_back({std::string(row.name), "ktstr " + join(split(row.commands, ','), ", ktstr"),
                     std::string(row.holds)});
  return text_table(table) +
         "\nEach begins with schema_version and document; share/ktstr/schema/DOCUMENT.schema.json has all of "
         "it.\n";
}

constexpr Topic kTopics[] = {{"exit-codes", "what the process returns", exit_codes},
                             {"commands", "all of them, a line each", all_commands},
                             {"documents", "what --json prints, a line each", all_documents}};

/// Of the terminal, if it is not very wide; a pipe gets lines of the same length everywhere.
std::size_t page_width(const Terminal& terminal) {
  return terminal.out_is_terminal && terminal.width > 0 ? std::min<std::size_t>(terminal.width, kWidest)
                                                        : kWidest;
}

/// As it has to be asked for: a command or a topic of the same name comes first.
std::string asked_for(const std::string& page) {
  const bool taken =
      std::any_of(commands().begin(), commands().end(),
                  [&](const Command& one) { return one.words == page; }) ||
      std::any_of(std::begin(kTopics), std::end(kTopics), [&](const Topic& one) { return one.name == page; });
  return page + (taken ? ".md" : "");
}

/// What there is to read, a line each.
std::string all_topics(std::size_t width) {
  std::vector<std::array<std::string, 3>> rows;  // kind, name, summary
  for (const Topic& topic : kTopics)
    rows.push_back({"Topics", std::string(topic.name), std::string(topic.summary)});
  std::size_t longest = 0;
  for (const PageEntry& page : installed_pages()) {
    if (page.kind != "Decisions")
      rows.push_back({page.kind, asked_for(page.name), page.title + ": " + page.summary});
  }
  for (const auto& row : rows) longest = std::max(longest, row[1].size());
  std::string out =
      "ktstr help COMMAND   the options of a command, with lines to copy (all: ktstr help commands)\n"
      "ktstr help PAGE      a page of the documentation\n";
  std::string kind;
  for (const auto& row : rows) {
    if (row[0] != kind) out += "\n" + row[0] + "\n";
    kind = row[0];
    std::string name = "  " + row[1];
    name.resize(longest + 4, ' ');
    out += hanging(name + row[2], width, longest + 4);
  }
  return out;
}

/// The pages are made while the command line is still there.
CommandAction man_pages_into(const CLI::App& root, const std::string& directory) {
  const Status written = write_man_pages(root, directory);
  return [written](Session&) { return written ? ExitCode::kFine : report(written.error()); };
}

CommandAction show_page(const std::string& name) {
  return [name](Session& session) {
    const auto text = read_page(name);
    if (!text) return report(text.error());
    return print_out(page_text(*text, page_width(session.terminal()), session.terminal().out_colour));
  };
}

/// The command of these words; null when there is none.
const CLI::App* command_of(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* at = &root;
  for (const std::string& word : words) {
    const CLI::App* next = nullptr;
    for (const CLI::App* sub : at->get_subcommands([](const CLI::App*) { return true; })) {
      if (sub->get_name() == word) next = sub;
    }
    if (next == nullptr) return nullptr;
    at = next;
  }
  return at;
}

/// What could stand in place of the last word: of a command those below it, else topics, commands, and pages
/// that have no command's name.
std::vector<std::string> known_words(const CLI::App& root, std::vector<std::string> words) {
  words.pop_back();
  const CLI::App* above = command_of(root, words);
  if (above != nullptr && above != &root) return subcommand_names(*above);
  std::vector<std::string> names;
  for (const Topic& topic : kTopics) names.emplace_back(topic.name);
  for (const std::string& command : subcommand_names(root)) names.push_back(command);
  for (const PageEntry& page : installed_pages()) {
    if (command_of(root, {page.name}) == nullptr) names.push_back(page.name);
  }
  return names;
}

/// What the words ask for: "perf-delta" is the command, "perf-delta.md" the page.
CommandAction help_on(const CLI::App& root, const std::vector<std::string>& words) {
  KTSTR_ASSERT(!words.empty());
  const std::string& first = words.front();
  for (const Topic& topic : kTopics) {
    if (words.size() == 1 && first == topic.name)
      return [&topic](Session&) { return print_out(topic.text()); };
  }
  if (const CLI::App* command = command_of(root, words); command != nullptr) {
    const std::string text = command->help(full_name(*command->get_parent()));
    return [text](Session&) { return print_out(text); };
  }
  for (const PageEntry& page : installed_pages()) {
    if (words.size() == 1 && page_name(first) == page.name) return show_page(page.name);
  }
  const Error error = usage_error("there is no help on \"" + printable(join(words, " ")) + "\"" +
                                      suggestion(page_name(words.back()), known_words(root, words)),
                                  "ktstr help lists commands, topics and pages");
  return [error](Session&) { return report(error); };
}

}  // namespace

std::span<const Topic> topics() { return kTopics; }

void define_help(CLI::App* help, CommandAction& chosen) {
  auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("topic", *words,
                   "a command, a page of the documentation, exit-codes, commands or documents")
      ->type_name("TOPIC");
  auto directory = std::make_shared<std::string>();
  help->add_option("--man-pages", *directory, "write the manual pages of all commands into this directory")
      ->type_name("DIR");
  help->callback([words, directory, help, &chosen] {
    const CLI::App& root = *help->get_parent();
    if (!directory->empty())
      chosen = man_pages_into(root, *directory);
    else if (words->empty())
      chosen = [](Session& session) { return print_out(all_topics(page_width(session.terminal()))); };
    else
      chosen = help_on(root, *words);
  });
}

}  // namespace ktstr
