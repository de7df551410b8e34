// SPDX-License-Identifier: Apache-2.0
#include "cli/parse_errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ktstr/kit/numbers.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "cli/cli.hpp"

namespace ktstr {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string see_help(const CLI::App& command) { return "see " + full_name(command) + " --help"; }

/// An argument that no command knows.
Error unexpected(const CLI::App& root) {
  const std::vector<std::string> rest = root.remaining(true);
  const CLI::App& command = deepest(root);
  const std::string argument = rest.empty() ? "" : rest.front();
  if (argument.starts_with('-')) {
    const std::string name = argument.substr(0, argument.find('='));
    return usage_error("unknown option " + printable(name) + suggestion(name, option_names(command)),
                       see_help(command));
  }
  const std::vector<std::string> names = subcommand_names(command);
  if (names.empty())
    return usage_error("unexpected argument \"" + printable(argument) + "\"", see_help(command));
  return usage_error("there is no command \"" + full_name(command) + " " + printable(argument) + "\"" +
                         suggestion(argument, names),
                     "commands: " + join(names, ", "));
}

/// The option that a text of the library begins with, which is all it tells; null when there is none.
const CLI::Option* option_of(const CLI::App& command, const std::string& text) {
  const CLI::Option* found = nullptr;
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      const std::string name = option->get_name();
      const bool longer = found == nullptr || name.size() > found->get_name().size();
      const bool of_flag = text.starts_with(name.substr(name.find_first_not_of('-')) + " was given");
      if (longer && (text.starts_with(name) || of_flag)) found = option;
    }
  }
  return found;
}

/// "--base COMMIT", "RUN".
std::string usage_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return option.get_name() + (option.get_positional() || type.empty() ? "" : " " + type);
}

/// The first line to copy that shows the option, else the first.
std::string example_with(const CLI::App& command, const CLI::Option* option) {
  const std::vector<std::string> lines = kit::lines(example_of(command));
  if (lines.empty()) return see_help(command);
  const auto shows = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
    return option != nullptr && !option->get_positional() && line.find(option->get_name()) != line.npos;
  });
  return "for example: " + (shows == lines.end() ? lines.front() : *shows);
}

std::string shown(const std::vector<std::string>& values) {
  std::vector<std::string> quoted;
  for (const std::string& value : values) quoted.push_back("\"" + printable(value) + "\"");
  return join(quoted, ", ");
}

Error missing(const CLI::App& command, const CLI::Option* option, const std::string& text) {
  if (option == nullptr) return usage_error(printable(text), see_help(command));
  return usage_error(full_name(command) + " needs " + usage_of(*option) +
                         (option->get_description().empty() ? "" : ": " + option->get_description()),
                     example_with(command, option));
}

/// Too many values, or too few. What an option takes several of at once (--axis NAME A B) stands in its type.
Error wrong_count(const CLI::App& command, const CLI::Option* option, const std::string& text) {
  if (option == nullptr) return usage_error("the command line cannot be understood", see_help(command));
  const std::string name = option->get_name();
  if (text.find("flag override") != text.npos || option->get_items_expected_max() == 0)
    return usage_error(name + " takes no value", "leave out what follows \"=\"");
  const std::vector<std::string> values = option->results();
  const std::size_t most = static_cast<std::size_t>(std::max(1, option->get_items_expected_max()));
  if (values.size() > most && most == 1)
    return usage_error(name + " was given " + std::to_string(values.size()) + " times, with " +
                           shown(values) + "; it takes one value",
                       "drop all but one of them");
  if (values.size() > most)
    return usage_error(name + " takes " + option->get_type_name() + ", not " + shown(values),
                       see_help(command));
  return usage_error(name + " lacks its value", "write it as: " + usage_of(*option));
}

Error no_number(const CLI::App& command, const CLI::Option* option) {
  if (option == nullptr) return usage_error("a value cannot be understood", see_help(command));
  if (option->get_items_expected_max() == 0)
    return usage_error(option->get_name() + " takes no value, but was given " + shown(option->results()),
                       "leave out what follows \"=\"");
  return usage_error(option->get_name() + ": " + shown(option->results()) + " is no number that it can take",
                     option->get_description());
}

/// Two options of which one asks for the other, or forbids it, as the parser's text names them: "--a excludes
/// --b". Nothing when it does not.
std::optional<Error> between_options(const CLI::App& command, const std::string& text) {
  for (const auto& [verb, what, fix] : std::initializer_list<std::array<std::string_view, 3>>{
           {" excludes ", " exclude each other", "leave one of them out"}, {" requires ", "", ""}}) {
    const std::size_t at = text.find(verb);
    if (at == std::string::npos) continue;
    const std::string one = printable(text.substr(0, at)), other = printable(text.substr(at + verb.size()));
    if (what.empty()) return usage_error(one + " needs " + other, see_help(command));
    return usage_error(one + " and " + other + std::string(what), std::string(fix));
  }
  return std::nullopt;
}

}  // namespace

const CLI::App& deepest(const CLI::App& root) {
  const CLI::App* at = &root;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

std::string full_name(const CLI::App& app) {
  return (app.get_parent() == nullptr ? "" : full_name(*app.get_parent()) + " ") + app.get_name();
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

Error no_value(const std::string& option, const CLI::App& command) {
  return usage_error(option + ": the value is empty", "leave it out, or " + see_help(command));
}

std::optional<Error> empty_value(const CLI::App& root) {
  const CLI::App& command = deepest(root);
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      const std::vector<std::string> values = option->results();
      const bool blank = std::any_of(values.begin(), values.end(), [](const std::string& v) {
        return v.find_first_not_of(" \t\n") == std::string::npos;
      });
      if (blank) return no_value(option->get_name(), command);
    }
  }
  return std::nullopt;
}

Error no_command(const CLI::App& root) {
  const CLI::App& command = deepest(root);
  return usage_error(
      command.get_parent() == nullptr ? "no command given" : full_name(command) + ": which one?",
      "commands: " + join(subcommand_names(command), ", "));
}

Error parse_error(const CLI::App& root, const CLI::Error& thrown) {
  const CLI::App& command = deepest(root);
  const std::string text = thrown.what();
  const auto kind = static_cast<CLI::ExitCodes>(thrown.get_exit_code());
  if (kind == CLI::ExitCodes::ExtrasError) return unexpected(root);
  if (const auto empty = empty_value(root)) return *empty;  // whatever else it broke
  const CLI::Option* option = option_of(command, text);
  if (kind == CLI::ExitCodes::RequiredError) {  // a name that is nearly right is the likelier mistake
    const std::vector<std::string> rest = root.remaining(true);
    const bool typo = !rest.empty() && rest.front().starts_with('-');
    return typo ? unexpected(root) : missing(command, option, text);
  }
  if (kind == CLI::ExitCodes::ArgumentMismatch) return wrong_count(command, option, text);
  if (kind == CLI::ExitCodes::ConversionError) {
    constexpr std::string_view kFailed = "Could not convert: ";
    if (option == nullptr && text.starts_with(kFailed))
      option = option_of(command, text.substr(kFailed.size()));
    return no_number(command, option);
  }
  if (kind == CLI::ExitCodes::ExcludesError || kind == CLI::ExitCodes::RequiresError) {
    if (const auto error = between_options(command, text)) return *error;
  }
  if (kind == CLI::ExitCodes::ValidationError &&
      option != nullptr)  // the validators are ours, and so is their text
    return usage_error(printable(kit::first_line_of(text)), see_help(command));
  return usage_error("the command line cannot be understood", see_help(command));
}

CLI::Validator whole_number() {
  return {[](std::string& text) {
            std::uint64_t value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            return error == std::errc() && end == text.data() + text.size() &&
                           value <= std::numeric_limits<std::uint32_t>::max()
                       ? std::string()
                       : "\"" + printable(text) + "\" is no whole number";
          },
          ""};
}

CLI::Validator number_between(double least, double most) {
  return {[least, most](std::string& text) {
            double value = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
            const bool fits =
                error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
            return fits ? std::string()
                        : "\"" + printable(text) + "\" is no number from " + significant(least, 6) + " to " +
                              significant(most, 6);
          },
          ""};
}

CLI::Validator one_of(const std::vector<std::string>& names) {
  return {[names](std::string& text) {
            const bool known = std::find(names.begin(), names.end(), text) != names.end();
            return known ? std::string()
                         : "\"" + printable(text) + "\" is none of " + join(names, ", ") +
                               suggestion(text, names);
          },
          ""};
}

}  // namespace ktstr
