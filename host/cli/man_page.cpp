// SPDX-License-Identifier: Apache-2.0
#include "cli/man_page.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>

#include "cli/cli.hpp"
#include "support/files.hpp"

namespace ktstr {
namespace {

/// Text that man prints as it is: nothing in it is a request, a minus is one that can be copied.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool at_start = out.empty() || out.back() == '\n';
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  return out;
}

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  std::vector<const CLI::App*> all = app.get_subcommands([](const CLI::App*) { return true; });
  std::erase_if(all, [](const CLI::App* sub) { return sub->get_group().empty(); });
  return all;
}

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent())
    words.insert(words.begin(), at->get_name());
  return words;
}

std::string option_line(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("\\fB\\-" + roff(name) + "\\fR");
  for (const std::string& name : option.get_lnames()) names.push_back("\\fB\\-\\-" + roff(name) + "\\fR");
  const bool takes_value = option.get_items_expected_max() > 0;
  return join(names, ", ") + (takes_value ? " \\fI" + roff(option.get_type_name()) + "\\fR" : "");
}

std::string operand_of(const CLI::Option& option) {
  const std::string name =
      "\\fI" + roff(option.get_name(true)) + "\\fR" + (option.get_items_expected_max() > 1 ? "..." : "");
  return option.get_required() ? name : "[" + name + "]";
}

std::string options_section(const CLI::App& command) {
  std::string operands, options;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    const std::string description = roff(option->get_description()) + "\n";
    if (option->get_positional())
      operands += ".TP\n" + operand_of(*option) + "\n" + description;
    else
      options += ".TP\n" + option_line(*option) + "\n" + description;
  }
  return (operands.empty() ? "" : ".SH OPERANDS\n" + operands) +
         (options.empty() ? "" : ".SH OPTIONS\n" + options);
}

std::string exit_section() {
  std::string out = ".SH EXIT STATUS\n";
  for (const ExitCodeRow& row : kExitCodes)
    out += ".TP\n.B " + std::to_string(static_cast<int>(row.code)) + "\n" + roff(row.when) + "\n";
  return out;
}

}  // namespace

std::string man_page(const CLI::App& command, const std::string& example) {
  const std::vector<std::string> words = words_of(command);
  const std::string name = join(words, "-");
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; });
  std::string out = ".TH " + roff(title) + " 1 \"\" \"ktstr " KTSTR_VERSION "\" \"ktstr manual\"\n";
  out += ".SH NAME\n" + roff(name) + " \\- " + roff(command.get_description()) + "\n";
  out += ".SH SYNOPSIS\n.B " + roff(join(words, " ")) + "\n[\\fIoptions\\fR]";
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) out += " " + operand_of(*option);
  }
  const std::vector<const CLI::App*> below = subcommands(command);
  out += below.empty() ? "\n" : " \\fIcommand\\fR\n";
  if (!below.empty()) out += ".SH COMMANDS\n";
  for (const CLI::App* sub : below) {
    out += ".TP\n.BR " + roff(name + "-" + sub->get_name()) + " (1)\n" + roff(sub->get_description()) + "\n";
  }
  out += options_section(command);
  if (!example.empty()) out += ".SH EXAMPLES\n.nf\n" + roff(example) + "\n.fi\n";
  out += exit_section();
  if (command.get_parent() != nullptr) {
    out += ".SH SEE ALSO\n.BR " + roff(join(std::vector<std::string>(words.begin(), words.end() - 1), "-")) +
           " (1)\n";
  }
  return out;
}

Status write_man_pages(const CLI::App& root, const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return usage_error("cannot make " + printable(directory.string()) + ": " + error.message());
  const auto write = [&](const auto& self, const CLI::App& command) -> Status {
    const std::string text = man_page(command, example_of(command));
    const std::filesystem::path file = directory / (join(words_of(command), "-") + ".1");
    if (const Status written = write_output(file, text); !written) return written;
    for (const CLI::App* sub : subcommands(command)) {
      if (const Status written = self(self, *sub); !written) return written;
    }
    return Ok{};
  };
  return write(write, root);
}

}  // namespace ktstr
