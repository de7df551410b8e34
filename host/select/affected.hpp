// SPDX-License-Identifier: Apache-2.0
//
// Which tests a change can touch. Pure. Whoever is in doubt is affected: a test that runs for nothing costs
// minutes, one that does not run costs the bug.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ktstr {

/// What a test is made of. Paths are relative to the project; "../lib/x.c" lies beside it.
struct TestInputs {
  std::string name, manifest;
  bool told = false;               ///< false: its runner says nothing, so everything may be part of it
  std::vector<std::string> files;  ///< a directory stands for all below it
  std::vector<std::string> schedulers;
};

/// What a project says of its files. A pattern without a slash is held against the name of a file wherever it
/// lies, one that ends in a slash means all below that directory, any other is held against the whole path;
/// `*` stands for slashes as well.
struct ChangeRules {
  std::vector<std::pair<std::string, std::vector<std::string>>>
      sources;                          ///< by scheduler; "*": of every scheduler
  std::vector<std::string> irrelevant;  ///< what no test depends on
  std::string configuration;            ///< the project's own file: all depends on it
};

bool names_path(std::string_view pattern, std::string_view path);

/// Why a test is affected, or that it is not.
struct Effect {
  bool affected = false;
  std::string file;  ///< that did it; empty: none did
  std::string why;   ///< "its manifest"
};

struct ChangeEffects {
  std::vector<Effect> tests;           ///< in the order of the tests
  std::vector<std::string> unclaimed;  ///< files that nobody claims, so that everything is affected
};

/// `changed`: paths like those of tests; nothing: nobody can tell what changed.
ChangeEffects effects_of(const std::optional<std::vector<std::string>>& changed,
                         const std::vector<TestInputs>& tests, const ChangeRules& rules);

}  // namespace ktstr
