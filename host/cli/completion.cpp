// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <map>

namespace ktstr {
namespace {

const CLI::App* subcommand(const CLI::App& app, const std::string& name) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->get_name() == name) return sub;
  }
  return nullptr;
}

/// Of the command or of those above it, whose options may stand anywhere.
const CLI::Option* option_named(const CLI::App& command, const std::string& name) {
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    if (const CLI::Option* option = at->get_option_no_throw(name);
        option != nullptr && !option->get_positional())
      return option;
  }
  return nullptr;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// What its values are; in most cases the word that help prints for them.
std::string value_kind(const CLI::Option& option, const CLI::App& command) {
  const auto is = [&](std::string_view name) { return option.check_name(std::string(name)); };
  if (is("--gate")) return "GATE";
  if (is("--reporter")) return "REPORTER";
  if (is("--profile")) return "PROFILE";
  if (is("--metric") || is("--must-fail")) return "METRIC";
  if (is("tests") || is("TEST")) return "TEST";
  if (is("RUN") || is("KEY")) return "RUN";
  if (is("topic")) return "TOPIC";
  if (is("name") && command.get_parent() != nullptr)
    return command.get_parent()->get_name() == "kernel" ? "KERNEL" : "PLUGIN";
  return option.get_type_name();
}

/// Short sets of words that never change.
const std::vector<std::string>* fixed_words(const CLI::Option& option) {
  static const std::map<std::string, std::vector<std::string>> kWords = {
      {"--color", {"auto", "always", "never"}},
      {"--order", {"abba", "block"}},
      {"--ci", {"github", "gitlab", "none"}},
      {"--flaky", {"pass", "fail"}},
      {"--only", {"history", "sessions", "locks"}},
      {"--axis", {"kernel", "scheduler", "topology"}},
      {"shell", {"bash", "zsh", "fish"}}};
  for (const auto& [name, words] : kWords) {
    if (option.check_name(name)) return &words;
  }
  return nullptr;
}

void ask_for(const CLI::Option& option, const CLI::App& command, Completion& completion) {
  if (const std::vector<std::string>* words = fixed_words(option)) {
    for (const std::string& word : *words) completion.candidates.push_back({word, ""});
    return;
  }
  completion.values = value_kind(option, command);
  completion.files = completion.values == "FILE" || completion.values == "DIR" ||
                     completion.values == "PATH" || completion.values == "OUT" ||
                     completion.values == "STORE";
}

void offer_options(const CLI::App& command, Completion& completion) {
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      if (option->get_positional() || option->get_group().empty()) continue;
      for (const std::string& name : option->get_lnames())
        completion.candidates.push_back({"--" + name, option->get_description()});
    }
  }
}

/// bash takes --kernel=6.1 apart into three words.
void join_equals(std::vector<std::string>& words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "=" || !words[i - 1].starts_with("--")) continue;
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(i));
    if (i == words.size()) words.emplace_back();
  }
}

}  // namespace

Completion completion_of(const CLI::App& root, std::vector<std::string> words) {
  join_equals(words);
  if (words.empty()) words.emplace_back();
  Completion completion;
  completion.begun = words.back();
  words.pop_back();
  const CLI::App* command = &root;
  const CLI::Option* open = nullptr;  // it waits for its value
  bool only_operands = false;
  std::size_t operands = 0;
  for (const std::string& word : words) {
    if (open != nullptr) {
      open = nullptr;
    } else if (word == "--") {
      only_operands = true;
    } else if (!only_operands && word.starts_with('-')) {
      const CLI::Option* option = option_named(*command, word);
      if (option != nullptr && takes_value(*option)) open = option;
    } else if (const CLI::App* sub = subcommand(*command, word); sub != nullptr && !only_operands) {
      command = sub;
    } else {
      ++operands;
    }
  }
  if (const std::size_t at = completion.begun.find('=');
      at != std::string::npos && open == nullptr && !only_operands && completion.begun.starts_with("--")) {
    open = option_named(*command, completion.begun.substr(0, at));
    completion.prefix = completion.begun.substr(0, at + 1);
    completion.begun.erase(0, at + 1);
    if (open == nullptr || !takes_value(*open)) return completion;
  }
  if (open != nullptr) {
    ask_for(*open, *command, completion);
    return completion;
  }
  if (completion.begun.starts_with('-') && !only_operands) {
    offer_options(*command, completion);
    return completion;
  }
  for (const CLI::App* sub : command->get_subcommands([](const CLI::App*) { return true; }))
    completion.candidates.push_back({sub->get_name(), sub->get_description()});
  std::vector<const CLI::Option*> places;
  for (const CLI::Option* option : command->get_options()) {
    if (option->get_positional()) places.push_back(option);
  }
  const bool repeats = !places.empty() && places.back()->get_items_expected_max() > 1;
  if (operands < places.size())
    ask_for(*places[operands], *command, completion);
  else if (repeats)
    ask_for(*places.back(), *command, completion);
  return completion;
}

}  // namespace ktstr
