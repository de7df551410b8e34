// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "fs_store.hpp"

namespace ktstr::fs_store {

/// A temporary runs root, removed at the end of the test.
class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "ktstr-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    base = pattern;
    root = base + "/target/ktstr";
  }
  void TearDown() override { std::filesystem::remove_all(base); }

  FsStore store() const { return FsStore(Options{root, {}, std::chrono::milliseconds(200), [] { return false; }}); }

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
    for (const auto& entry : std::filesystem::directory_iterator(directory)) found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  static void put(FsStore& store, const std::string& key, const std::string& session, const std::string& name, const std::string& bytes,
                  std::uint32_t flags = KTSTR_RUN_PRECLEAR) {
    const auto run = store.begin_run(key, session, flags);
    run->put(name, bytes);
    run->end();
  }

  std::string base, root;
};

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
