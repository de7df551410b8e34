// SPDX-License-Identifier: Apache-2.0
//
// The git program as a well-behaved child: no pager, no prompt, no hook, no file system monitor, no lock
// taken for looking, and nothing of the environment that would lead it to another repository.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ktstr::git {

struct GitCall {
  std::vector<std::string> arguments;  ///< after those that every call gets
  std::string input;                   ///< for its standard input
  std::vector<std::pair<std::string, std::string>> variables;
  std::vector<std::pair<std::string, std::string>>
      settings;            ///< configuration that wins over the repository's
  bool may_fetch = false;  ///< whether it may get missing objects from a partial clone's remote
};

struct GitAnswer {
  int status = 0;  ///< 128 and more: git gave up, or was ended by a signal
  std::string out, err;
  bool ok() const { return status == 0; }
  /// What git said went wrong: its "fatal:" line, or else its first "error:", without the word.
  std::string complaint() const;
};

/// Runs git to its end. Throws CannotRead when there is none, sdk::Error when `cancelled` became true.
GitAnswer run_git(const GitCall& call, const std::function<bool()>& cancelled);

}  // namespace ktstr::git
