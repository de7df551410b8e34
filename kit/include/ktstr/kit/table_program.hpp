// SPDX-License-Identifier: Apache-2.0
//
// A program of the build that prints what is made from tables in the code, schemas and parts of docs: the
// build writes files with it, and a test holds the tables in docs against it.
#pragma once
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace ktstr::kit {

struct MadeText {
  std::string_view name;
  std::string (*text)();
};

/// Prints the text that the first argument names; without arguments, the names. The status that main()
/// returns.
inline int run_table_program(const char* program, std::span<const MadeText> texts, int argc, char** argv) {
  const auto print = [](const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0
                                                                                                       : 1;
  };
  for (const MadeText& made : texts) {
    if (argc == 2 && made.name == argv[1]) return print(made.text());
    if (argc == 1 && print(std::string(made.name) + "\n") != 0) return 1;
  }
  if (argc == 1) return 0;
  std::fprintf(stderr, "usage: %s [NAME]; without a name it prints the names\n", program);
  return 2;
}

}  // namespace ktstr::kit
