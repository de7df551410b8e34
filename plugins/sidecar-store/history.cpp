// SPDX-License-Identifier: Apache-2.0
#include "history.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/time.hpp>

#include "durable_file.hpp"
#include "run_directory.hpp"

namespace ktstr::fs_store {
namespace {

/// Files first, then the directory; only what an entry can hold, so a foreign directory in it stops the
/// removal.
void remove_entry(const std::string& directory) {
  KTSTR_ASSERT(directory.find("/" + std::string(kHistory) + "/") != std::string::npos);
  for (const std::string& name : names_in(directory)) {
    const std::string path = directory + "/" + name;
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove", path);
  }
  if (::rmdir(directory.c_str()) != 0 && errno != ENOENT) fail("cannot remove", directory);
  static_cast<void>(::rmdir(
      directory.substr(0, directory.rfind('/')).c_str()));  // the key's directory, when this was its last
}

}  // namespace

std::vector<HistoryEntry> History::entries(std::string_view run_key) const {
  std::vector<HistoryEntry> found;
  const std::string top = root_ + "/" + std::string(kHistory);
  struct stat info {};
  refuse_links(root_, kHistory);
  for (const std::string& key :
       run_key.empty() ? names_in(top) : std::vector<std::string>{std::string(run_key)}) {
    if (!look(top + "/" + key, info) || !S_ISDIR(info.st_mode)) continue;
    for (const std::string& name : names_in(top + "/" + key)) {
      const std::string directory = top + "/" + key + "/" + name;
      if (!look(directory, info) || !S_ISDIR(info.st_mode)) continue;
      found.push_back({std::string(kHistory) + "/" + key + "/" + name, directory, nanoseconds(info.st_mtim),
                       stamp_of(directory, info)});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const HistoryEntry& a, const HistoryEntry& b) {
    return a.mtime_ns != b.mtime_ns ? a.mtime_ns > b.mtime_ns : a.key > b.key;
  });
  return found;
}

void History::keep(const std::string& run_key, const std::string& directory,
                   const std::vector<std::string>& names, std::uint64_t keep, Keep how) const {
  KTSTR_ASSERT(keep > 0 && !names.empty());
  std::int64_t newest = 0;
  struct stat info {};
  for (const std::string& name : names) {
    if (look(directory + "/" + name, info)) newest = std::max(newest, nanoseconds(info.st_mtim));
  }
  if (newest == 0) return;
  const std::string top = root_ + "/" + std::string(kHistory) + "/" + run_key;
  refuse_links(root_, std::string(kHistory) + "/" + run_key);
  make_directories_durably(top);
  std::string place;
  for (unsigned n = 0;; ++n) {
    place = top + "/" + kit::utc_name(newest / 1'000'000'000) + "-" + std::to_string(n);
    if (::mkdir(place.c_str(), 0777) == 0) break;
    if (errno != EEXIST) fail("cannot make the directory", place);
  }
  for (const std::string& name : names) {
    const std::string from = directory + "/" + name, to = place + "/" + name;
    const int done =
        how == Keep::kMove ? ::rename(from.c_str(), to.c_str()) : ::link(from.c_str(), to.c_str());
    if (done != 0 && errno != ENOENT) fail("cannot keep " + from + " in", place);
  }
  sync_directory(place);
  sync_directory(top);
  const std::vector<HistoryEntry> all = entries(run_key);
  KTSTR_ASSERT(place.starts_with(top + "/"));
  for (std::size_t i = keep; i < all.size(); ++i) remove_entry(all[i].directory);
}

void History::remove(std::string_view key) const {
  check_relative(key, "history key", true);
  const auto all = entries();
  const auto entry =
      std::find_if(all.begin(), all.end(), [&](const HistoryEntry& e) { return e.key == key; });
  if (entry == all.end()) {
    const bool inside = key.starts_with(std::string(kHistory) + "/");
    throw sdk::Error(inside ? KTSTR_NOT_FOUND : KTSTR_INVALID_ARGUMENT,
                     "\"" + std::string(key) + "\" is not an entry of the history");
  }
  remove_entry(entry->directory);
}

}  // namespace ktstr::fs_store
