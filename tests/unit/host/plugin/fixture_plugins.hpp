// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/temp_tree.hpp"
#include "plugin/catalogue.hpp"

namespace ktstr {

/// Copies of fixture plugins with safe modes, whatever the umask of the build was, and a catalogue over them.
class FixturePlugins {
 public:
  /// `fixture` is a directory of tests/fixtures; it becomes a place of the search of its own.
  void install(const std::string& fixture) {
    namespace fs = std::filesystem;
    const fs::path place = tree.directory(fixture);
    fs::permissions(place, fs::perms(0755));
    for (const auto& entry : fs::directory_iterator(fs::path(KTSTR_FIXTURES_DIR) / fixture)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".so") && !name.ends_with(".json")) continue;
      fs::copy_file(entry.path(), place / name);
      fs::permissions(place / name, fs::perms(0644));
    }
    search.places.push_back({place, "--plugin-dir"});
  }
  PluginCatalogue catalogue() {
    return PluginCatalogue(
        search, [this](int, const std::string& line) { log.push_back(line); }, cancelled);
  }

  testing::TempTree tree;
  PluginSearch search;
  std::vector<std::string> log;
  std::atomic<bool> cancelled{false};
};

}  // namespace ktstr
