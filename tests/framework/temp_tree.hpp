// SPDX-License-Identifier: Apache-2.0
//
// A directory of files for one test. Lies below KTSTR_TEST_TMPDIR, else TMPDIR, else /tmp; removed with the
// object.
#pragma once
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace ktstr::testing {

class TempTree {
 public:
  TempTree() {
    const char* base = std::getenv("KTSTR_TEST_TMPDIR");
    if (base == nullptr) base = std::getenv("TMPDIR");
    std::string pattern = std::string(base == nullptr ? "/tmp" : base) + "/ktstr-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
    root_ = std::filesystem::canonical(pattern);
  }
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;

  const std::filesystem::path& path() const { return root_; }
  std::filesystem::path operator/(const std::filesystem::path& below) const { return root_ / below; }

  /// Makes the directories above it too.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const {
    const std::filesystem::path file = root_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.close();
    if (!stream) throw std::runtime_error("cannot write " + file.string());
    return file;
  }
  std::filesystem::path directory(const std::filesystem::path& name) const {
    std::filesystem::create_directories(root_ / name);
    return root_ / name;
  }
  std::string read(const std::filesystem::path& name) const {
    std::ifstream stream(root_ / name, std::ios::binary);
    if (!stream) throw std::runtime_error("cannot read " + (root_ / name).string());
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  bool exists(const std::filesystem::path& name) const {
    return std::filesystem::exists(std::filesystem::symlink_status(root_ / name));
  }
  void chmod(const std::filesystem::path& name, ::mode_t mode) const {
    if (::chmod((root_ / name).c_str(), mode) != 0)
      throw std::runtime_error("cannot chmod " + (root_ / name).string());
  }

 private:
  std::filesystem::path root_;
};

}  // namespace ktstr::testing
