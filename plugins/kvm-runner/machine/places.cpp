// SPDX-License-Identifier: Apache-2.0
#include "machine/places.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>

namespace ktstr::kvm {
namespace fs = std::filesystem;
namespace {

constexpr const char* kScratchFix =
    "give the container more shared memory (docker run --shm-size=1g), or set the runner's option "
    "scratch_dir to a directory with room";
constexpr const char* kCacheFix = "set XDG_CACHE_HOME to a directory with room that you may write to";

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20U) + " MiB"; }

std::uint64_t room_in(const fs::path& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0) return 0;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

/// Why nothing can be put there; empty when it can. Tried out, since modes alone tell little (read-only
/// mounts, quotas, root).
std::string obstacle(const fs::path& directory) {
  try {
    make_scratch_directory(directory);
    return {};
  } catch (const FileError& failure) {
    return failure.what();
  }
}

}  // namespace

std::vector<fs::path> MachinePlaces::usual_scratch() {
  std::vector<fs::path> places = {"/dev/shm"};
  std::error_code error;
  for (const fs::path& more : {fs::temp_directory_path(error), fs::path("/tmp"), fs::path("/var/tmp")}) {
    if (!more.empty() && std::find(places.begin(), places.end(), more) == places.end())
      places.push_back(more);
  }
  return places;
}

MachinePlaces::MachinePlaces(const Wish& wish) : usual_(wish.usual) {
  choose_scratch(wish);
  const kit::Lock lock(mutex_);
  choose_cache(wish);
  KTSTR_ASSERT(!scratch_.empty() && !cache_.empty());
}

/// The one that the user named, and no other.
void MachinePlaces::use_scratch(const fs::path& directory, std::uint64_t bytes) {
  std::string problem;
  try {
    std::error_code error;
    if (!fs::is_directory(directory, error)) make_private_directory(directory);
    sweep_scratch_directories(directory);
    problem = obstacle(directory);
  } catch (const FileError& failure) {
    problem = failure.what();
  }
  if (problem.empty() && room_in(directory) < bytes) {
    problem = directory.string() + " has " + mebibytes(room_in(directory)) +
              " free, the files of running guests may need " + mebibytes(bytes);
  }
  if (!problem.empty()) {
    throw FileError("scratch_dir: " + problem,
                    "let the runner's option scratch_dir name a directory with room that you may write to, "
                    "or leave it out");
  }
  scratch_ = directory;
}

void MachinePlaces::choose_scratch(const Wish& wish) {
  if (!wish.scratch.empty()) return use_scratch(wish.scratch, wish.scratch_bytes);
  std::string passed_over;
  for (const fs::path& directory : wish.usual) {
    sweep_scratch_directories(directory);
    std::string problem = obstacle(directory);
    if (problem.empty() && room_in(directory) < wish.scratch_bytes)
      problem = directory.string() + " has " + mebibytes(room_in(directory)) + " free";
    if (problem.empty()) {
      scratch_ = directory;
      if (!passed_over.empty()) {
        news_.push_back(
            passed_over + "; the files of running guests, up to " + mebibytes(wish.scratch_bytes) +
            ", go to " + directory.string() +
            " (docker run --shm-size=1g, or the runner's option scratch_dir, keeps them in memory)");
      }
      return;
    }
    passed_over += (passed_over.empty() ? "" : "; ") + problem;
  }
  throw FileError("there is no room for the files of running guests, which may need " +
                      mebibytes(wish.scratch_bytes) + ": " + passed_over,
                  kScratchFix);
}

void MachinePlaces::choose_cache(const Wish& wish) {
  std::string problem = "no cache directory is known";
  if (!wish.cache.empty()) {
    try {
      make_private_directory(wish.cache);
      problem = obstacle(wish.cache);
    } catch (const FileError& failure) {
      problem = failure.what();
    }
  }
  if (problem.empty()) {
    cache_ = wish.cache;
    return;
  }
  use_temporary_cache(problem);
}

void MachinePlaces::use_temporary_cache(const std::string& why) {
  constexpr std::uint64_t kEnough =
      1ULL << 30U;  // saved guests are large: a place on a disk first, where there is room
  std::vector<fs::path> places(usual_.rbegin(), usual_.rend());
  std::stable_sort(places.begin(), places.end(), [&](const fs::path& a, const fs::path& b) {
    return std::min(room_in(a), kEnough) > std::min(room_in(b), kEnough);
  });
  for (const fs::path& directory : places) {
    if (!obstacle(directory).empty()) continue;
    own_cache_.emplace(make_scratch_directory(directory));
    cache_ = own_cache_->path();
    news_.push_back(why + "; saved guests go to " + cache_.string() +
                    " for this run, and the next one boots them again (" + kCacheFix + ")");
    return;
  }
  throw FileError(why, kCacheFix);
}

fs::path MachinePlaces::cache() const {
  const kit::Lock lock(mutex_);
  return cache_;
}

bool MachinePlaces::leave_cache(const fs::path& used, const std::string& why,
                                const std::function<void(const std::string&)>& tell) {
  const kit::Lock lock(mutex_);
  if (cache_ != used) return true;  // another thread was quicker
  if (own_cache_) return false;     // the temporary one is full, too
  try {
    use_temporary_cache(why);
  } catch (const FileError&) {
    return false;
  }
  tell(news_.back());
  return true;
}

}  // namespace ktstr::kvm
