// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "cli/cli.hpp"
#include "cli/completion.hpp"

namespace ktstr {

void define_completions(CLI::App* command, CommandAction& chosen) {
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->type_name("SHELL");
  command->callback([shell, &chosen] {
    chosen = [shell](Session&) {
      const std::string_view script = completion_script(*shell);
      if (script.empty()) {
        return report(usage_error("there is no completion for \"" + printable(*shell) + "\"" +
                                      suggestion(*shell, {"bash", "zsh", "fish"}),
                                  "shells: bash, zsh, fish"));
      }
      return print_out(std::string(script));
    };
  });
}

}  // namespace ktstr
