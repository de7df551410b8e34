// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "framework/temp_tree.hpp"
#include "fs_store.hpp"

namespace ktstr::fs_store {

/// A temporary runs root, removed at the end of the test.
class StoreTest : public ::testing::Test {
 protected:
  FsStore store() const {
    return FsStore(Options{root, {}, std::chrono::milliseconds(200), [] { return false; }});
  }

  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  static std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static std::vector<std::string> names(const std::string& directory) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  static void put(FsStore& store, const std::string& key, const std::string& session, const std::string& name,
                  const std::string& bytes, bool preclear = true) {
    const auto run = store.begin_run(request(key, session, preclear));
    run->put({name, bytes});
    run->end(true);
  }
  /// What the results follow from is not known, as when there is no repository.
  static sdk::RunRequest request(std::string_view key, std::string_view session, bool preclear = true) {
    return {key, session, {}, preclear, false};
  }

  testing::TempTree tree;
  std::string base = tree.path().string(), root = base + "/target/ktstr";
};

struct ListedRun {
  std::string key;
  std::uint64_t stamp;
};

template <typename List>
std::vector<ListedRun> listed(List&& list) {
  std::vector<ListedRun> runs;
  list(sdk::RunVisitor(
      [](void* ctx, const ktstr_run_entry* entry) noexcept -> ktstr_status {
        static_cast<std::vector<ListedRun>*>(ctx)->push_back(
            {std::string(sdk::view(entry->key)), entry->stamp});
        return KTSTR_OK;
      },
      &runs));
  return runs;
}
inline std::vector<ListedRun> runs_of(FsStore& store) {
  return listed([&](const sdk::RunVisitor& visit) { store.list_runs(visit); });
}
inline std::vector<ListedRun> history_of(FsStore& store) {
  return listed([&](const sdk::RunVisitor& visit) { store.list_history(visit); });
}
inline std::vector<std::string> keys_of(const std::vector<ListedRun>& runs) {
  std::vector<std::string> keys;
  for (const ListedRun& run : runs) keys.push_back(run.key);
  return keys;
}

inline std::vector<std::string> sidecars_of(FsStore& store, const std::string& key) {
  std::vector<std::string> names;
  store.list_sidecars(key,
                      sdk::SidecarVisitor(
                          [](void* ctx, const ktstr_sidecar_entry* entry) noexcept -> ktstr_status {
                            static_cast<std::vector<std::string>*>(ctx)->emplace_back(sdk::view(entry->name));
                            return KTSTR_OK;
                          },
                          &names));
  return names;
}

inline std::string read_through(FsStore& store, const std::string& key, const std::string& name) {
  std::string bytes;
  const ktstr_writer writer = {sizeof writer, 0, &bytes,
                               [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
                                 static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), len);
                                 return KTSTR_OK;
                               }};
  store.read(key, name, sdk::Writer(&writer));
  return bytes;
}

/// What a call that must fail says.
template <typename Call>
std::pair<ktstr_status, std::string> failure_of(Call&& call) {
  try {
    call();
  } catch (const sdk::Error& error) {
    return {error.status(), error.message()};
  }
  return {KTSTR_OK, "no failure"};
}

}  // namespace ktstr::fs_store
