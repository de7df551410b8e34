// SPDX-License-Identifier: Apache-2.0
//
// A project whose store is one of the fixtures of tests/fixtures/plugins/folder_store.cpp.
#pragma once
#include "project.hpp"

namespace ktstr::testing {

class FolderProject : public Project {
 public:
  explicit FolderProject(const std::string& store = "folder", int latency_ms = 0) {
    install_plugin(fs::path(KTSTR_FIXTURES_DIR) / "folder", tree / "data/ktstr/plugins/v1");
    use(store, latency_ms);
    commit("another store");
  }
  void use(const std::string& store, int latency_ms = 0, const std::string& name = "first") const {
    write("ktstr.json",
          json::serialize(json::object{
              {"project", "demo"},
              {"runner", "fake"},
              {"store", {{"use", store}, {"options", {{"latency_ms", latency_ms}, {"name", name}}}}}}));
  }
  fs::path runs() const { return directory() / "target/ktstr"; }
  /// One of the files by which the store is told how to behave.
  void tell(const std::string& name, const std::string& text = "") const {
    write("target/ktstr/" + name, text);
  }
};

}  // namespace ktstr::testing
