// SPDX-License-Identifier: Apache-2.0
//
// What may stand at the end of an unfinished command line. The scripts for shells (completion_scripts.cpp)
// hold nothing of their own: they ask `ktstr __complete WORDS…`, so that they know what this build knows.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/session.hpp"

namespace ktstr {

struct Candidate {
  std::string word, description;
};

/// What is known from the command line alone, and which values have to be looked up.
struct Completion {
  std::vector<Candidate> candidates;
  std::string values;  ///< "KERNEL", "RUN", …; empty: nothing to look up
  bool files = false;  ///< the shell completes names of files
  std::string prefix;  ///< "--kernel=": stands before the value in the last word
  std::string begun;   ///< what is there already of the last word, or of its value
};

/// `words`: those behind "ktstr", the last of which is unfinished and may be empty.
Completion completion_of(const CLI::App& root, std::vector<std::string> words);

/// Prints one candidate a line, "WORD<tab>DESCRIPTION", those that begin as the last word does; a first line
/// ":files" asks for names of files. Says nothing when something cannot be read.
ExitCode print_completion(Session& session, const Completion& completion);

/// "bash", "zsh" or "fish"; empty for any other.
std::string_view completion_script(std::string_view shell);

}  // namespace ktstr
