// SPDX-License-Identifier: Apache-2.0
//
// A plugin to start from: a copy of one of the examples, under another name.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "support/result.hpp"

namespace ktstr {

/// An example that can be copied: a folder with a plugin-new.json.
struct PluginExample {
  std::filesystem::path folder;
  std::string kind, lang;  ///< "gate", "c"
  std::string about;       ///< what it is and what it needs, in a few words
  /// What stands for its name in its files and their names, and what replaces it: {name} is "worst-run",
  /// {name_} "worst_run", {Name} "WorstRun".
  std::vector<std::pair<std::string, std::string>> replace;
};

/// Those below `examples`, by kind and language.
Result<std::vector<PluginExample>> plugin_examples(const std::filesystem::path& examples);

/// The one of a kind and a language; empty `lang`: the kind's first. An error says which there are.
Result<PluginExample> choose_example(const std::vector<PluginExample>& examples, const std::string& kind,
                                     const std::string& lang);

/// Whether a plugin may be called that: lower-case letters, digits and single hyphens, a letter first.
Status check_plugin_name(const std::string& name);

/// Copies `example`, and what every plugin gets (a test, a CI file), as `name` to `directory`, which is made
/// and must be empty or absent. It appears there whole or not at all, also when another process is faster.
/// Returns the files that it has, relative to it, in order.
Result<std::vector<std::string>> write_new_plugin(const PluginExample& example, const std::string& name,
                                                  const std::filesystem::path& directory);

}  // namespace ktstr
