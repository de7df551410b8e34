// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace ktstr {

/// What a process has once and a plugin's call may leave behind changed. Everything is put back by
/// descriptors and copies that are held from the first look on.
class ProcessState {
 public:
  enum class Depth {
    kQuick,  ///< working directory, standard descriptors and the output's, the signals that matter, limits on
             ///< files: some microseconds, for calls that are made by the thousand
    kWhole,  ///< and umask, locale, every signal, every limit, whether a descriptor is left
  };

  /// The descriptors that are held have this number or a higher one, out of the way of what a plugin may
  /// close by number.
  static constexpr int kFirstSpare = 64;

  explicit ProcessState(Depth depth);  ///< as it is now

  /// Puts back what has changed since, and names it in `changes`. False when a descriptor could not be put
  /// back, since what is written next might go to another file, or when none is left to open anything with.
  bool restore(std::vector<std::string>& changes) const;

 private:
  static constexpr std::size_t kDescriptors = 4;  ///< 0 to 2, and where ktstr's own output goes
  struct Identity {
    dev_t device = 0;
    ino_t file = 0;
    bool operator==(const Identity&) const = default;
  };
  static Identity identity_of(const struct stat& info) { return {info.st_dev, info.st_ino}; }
  static Identity identity_of_descriptor(int fd);
  static Identity working_directory();

  void restore_directory(std::vector<std::string>& changes) const;
  bool restore_descriptors(std::vector<std::string>& changes) const;
  void restore_offsets(std::vector<std::string>& changes) const;
  void restore_signals(std::vector<std::string>& changes) const;
  void restore_limits(std::vector<std::string>& changes) const;
  void restore_locale(std::vector<std::string>& changes) const;

  Depth depth_;
  Identity directory_;
  std::array<Identity, kDescriptors> descriptors_;
  std::array<off_t, kDescriptors> offsets_;  ///< in a file; negative: it is none
  bool spare_descriptor_ = true;
  std::array<struct sigaction, NSIG> signals_;
  std::array<rlimit, RLIM_NLIMITS> limits_;
  unsigned umask_ = 0;
  std::string locale_;
};

}  // namespace ktstr
