// SPDX-License-Identifier: Apache-2.0
#include "builds.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <ktstr/sdk.hpp>

namespace builds {
namespace fs = std::filesystem;
using ktstr::sdk::did_you_mean;
using ktstr::sdk::Error;
namespace {

bool is_usable(const std::string& id) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  return !id.empty() && id.size() <= 40 && id.front() != '.' && id.front() != '-' &&
         std::all_of(id.begin(), id.end(), good);
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

List::List(fs::path file, fs::path versions) : versions_(std::move(versions)) {
  std::ifstream lines(file);
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    const std::size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
    const std::size_t text = std::min(line.find_first_not_of(" \t\r", end), line.size());
    Build build{line.substr(begin, end - begin), line.substr(text)};
    const std::string where = file.string() + ":" + std::to_string(number) + ": ";
    if (!is_usable(build.id))
      throw Error(KTSTR_BAD_DATA, where + "\"" + build.id + "\" cannot be the id of a build",
                  "up to 40 letters, digits, \".\", \"-\" and \"_\"");
    const auto same = [&](const Build& other) { return other.id == build.id; };
    if (std::any_of(builds_.begin(), builds_.end(), same))
      throw Error(KTSTR_BAD_DATA, where + "build " + build.id + " stands there twice");
    builds_.push_back(std::move(build));
  }
}

std::size_t List::find(std::string_view name) const {
  const std::size_t tilde = name.rfind('~');
  const std::string id(name.substr(0, tilde));
  const auto found =
      std::find_if(builds_.begin(), builds_.end(), [&](const Build& build) { return build.id == id; });
  if (found == builds_.end()) {
    std::vector<std::string> ids;
    for (const Build& build : builds_) ids.push_back(build.id);
    throw Error(KTSTR_NOT_FOUND, "no build is called \"" + id + "\"" + did_you_mean(id, ids));
  }
  const auto at = static_cast<std::size_t>(found - builds_.begin());
  if (tilde == std::string_view::npos) return at;
  std::size_t back = 0;
  for (const char c : name.substr(tilde + 1)) {
    if (c < '0' || c > '9' || back > builds_.size())
      throw Error(KTSTR_NOT_FOUND, "\"" + std::string(name) + "\" names no build");
    back = back * 10 + static_cast<std::size_t>(c - '0');
  }
  if (back > at)
    throw Error(KTSTR_NOT_FOUND, "there are only " + std::to_string(at) + " builds before " + id);
  return at - back;
}

std::string difference(const fs::path& kept, const fs::path& tree) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a: tells states apart, protects nothing
  bool differs = false;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(kept)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const std::string now = bytes_of(tree / file.lexically_relative(kept));
    differs = differs || now != bytes_of(file);
    for (const char c : file.string() + '\0' + now + '\0')
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
  return differs ? text : std::string();
}

void copy_tree(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
  if (error)
    throw Error(KTSTR_IO, "cannot copy " + from.string() + " to " + to.string() + ": " + error.message());
}

}  // namespace builds
