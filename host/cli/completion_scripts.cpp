// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

namespace ktstr {
namespace {

constexpr std::string_view kBash = R"sh(# bash completion of ktstr; made by: ktstr completions bash
_ktstr() {
  local word description
  COMPREPLY=()
  while IFS=$'\t' read -r word description; do
    if [ "$word" = :files ]; then compopt -o default; else COMPREPLY+=("$(printf %q "$word")"); fi
  done < <("${COMP_WORDS[0]}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _ktstr ktstr
)sh";

constexpr std::string_view kZsh = R"sh(#compdef ktstr
# zsh completion of ktstr; made by: ktstr completions zsh
_ktstr() {
  local line word
  local -a found
  for line in "${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line = :files ]]; then _files; continue; fi
    word=${line%%$'\t'*}
    [[ -n $word ]] && found+=("${word//:/\\:}:${line#*$'\t'}")
  done
  (( $#found )) && _describe ktstr found
}
compdef _ktstr ktstr
)sh";

constexpr std::string_view kFish = R"sh(# fish completion of ktstr; made by: ktstr completions fish
function __ktstr_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c ktstr -f -a '(__ktstr_complete)'
)sh";

}  // namespace

std::string_view completion_script(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return {};
}

}  // namespace ktstr
