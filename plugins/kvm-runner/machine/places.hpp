// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ktstr/kit/mutex.hpp>
#include <optional>
#include <string>
#include <vector>

#include "machine/files.hpp"

namespace ktstr::kvm {

/// Where the machines of one runner keep their files, found out before the first guest starts: everything
/// that can be wrong with a directory (too small, not ours, not writable) is known then, and either another
/// one serves or the error says what to do.
class MachinePlaces {
 public:
  struct Wish {
    std::filesystem::path scratch;    ///< named by the user; empty: the first of `usual` that has room
    std::filesystem::path cache;      ///< empty: a temporary one
    std::uint64_t scratch_bytes = 0;  ///< for the files of all guests that run at once
    std::vector<std::filesystem::path> usual = usual_scratch();
  };

  explicit MachinePlaces(const Wish& wish);  ///< throws FileError

  const std::filesystem::path& scratch() const { return scratch_; }
  std::filesystem::path cache() const;
  /// The cache `used` turned out to be full: a temporary one from now on, about which `tell` hears once.
  /// False when there is no other. May be called from several threads, as `cache`.
  bool leave_cache(const std::filesystem::path& used, const std::string& why,
                   const std::function<void(const std::string&)>& tell);
  /// What a person should know of the choice, one line each; empty when everything is as usual.
  const std::vector<std::string>& news() const { return news_; }

  /// /dev/shm, then the directory for temporary files, then /var/tmp.
  static std::vector<std::filesystem::path> usual_scratch();

 private:
  void use_scratch(const std::filesystem::path& directory, std::uint64_t bytes);
  void choose_scratch(const Wish& wish);
  void choose_cache(const Wish& wish) KTSTR_REQUIRES(mutex_);
  void use_temporary_cache(const std::string& why) KTSTR_REQUIRES(mutex_);

  mutable kit::Mutex mutex_;  ///< of what a full cache changes
  std::vector<std::filesystem::path> usual_;
  std::filesystem::path scratch_;
  std::filesystem::path cache_ KTSTR_GUARDED_BY(mutex_);
  std::optional<kit::ScratchDirectory> own_cache_ KTSTR_GUARDED_BY(mutex_);
  std::vector<std::string> news_;
};

}  // namespace ktstr::kvm
