// SPDX-License-Identifier: Apache-2.0
//
// What a reader copies out of a document.
#pragma once
#include <string>
#include <vector>

namespace ktstr::testing {

/// The fenced blocks of a language; empty: those that name none.
inline std::vector<std::string> fenced_blocks(const std::string& text, const std::string& language) {
  std::vector<std::string> found;
  bool inside = false, wanted = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at) == std::string::npos ? text.size() : text.find('\n', at) + 1;
    const std::string line = text.substr(at, end - at);
    at = end;
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      wanted = inside && line == "```" + language + "\n";
      if (wanted) found.emplace_back();
    } else if (wanted) {
      found.back() += line;
    }
  }
  return found;
}

/// Documents say PREFIX for where ktstr is installed.
inline std::string with_prefix(std::string commands, const std::string& prefix) {
  for (std::size_t at = 0; (at = commands.find("PREFIX ", at)) != std::string::npos; at += prefix.size())
    commands.replace(at, 6, prefix);
  return commands;
}

}  // namespace ktstr::testing
