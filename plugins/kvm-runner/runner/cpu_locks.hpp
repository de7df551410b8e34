// SPDX-License-Identifier: Apache-2.0
//
// Guests of several ktstr on one machine stay out of each other's way by locks on its CPUs, as files in the
// cache: `llc0.lock` of each last-level cache, `cpu0.lock` of each CPU. They keep nobody from anything but
// those who ask for them, too.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ktstr/kit/lock.hpp>
#include <string>
#include <vector>

#include "runner/host_cpus.hpp"

namespace ktstr::kvm {

enum class LockTier {
  kPerformance,  ///< whole LLCs for itself
  kDefault,      ///< CPUs for itself, whose LLCs others may use, too
  kShared,       ///< nothing for itself, but no LLC that a performance test has
};

struct CpuWish {
  LockTier tier = LockTier::kDefault;
  std::uint32_t cpus = 1;  ///< more than the host has: all of them
  /// Of kPerformance: how many CPUs of one LLC each of these is to be, LLC by LLC; empty: as they come.
  std::vector<std::uint32_t> llcs{};
};

/// Held for as long as it lives.
struct CpuLocks {
  std::vector<std::uint32_t> cpus;  ///< on which it is to run, as many as were wished where there are so many
  std::vector<kit::HeldLock> locks;
};

class HostLocks {
 public:
  /// Files lie in `directory`, which is made when it is needed.
  HostLocks(std::filesystem::path directory, HostLlcs llcs);

  /// Waits until all of the wish can be had at once; one at a time waits, so that nobody is passed by for
  /// ever. `tell` hears once who is waited for. Empty after `give_up`, and where no file can be locked, which
  /// `tell` hears, too.
  CpuLocks take(const CpuWish& wish, const std::function<bool()>& give_up,
                const std::function<void(const std::string&)>& tell) const;

 private:
  std::filesystem::path file(std::string_view kind, std::size_t number) const;
  bool take_llc(std::size_t llc, const CpuWish& wish, CpuLocks& taken) const;
  bool try_take(const CpuWish& wish, CpuLocks& taken) const;
  bool try_take_llc_by_llc(const CpuWish& wish, CpuLocks& taken) const;
  std::string holders() const;

  std::filesystem::path directory_;
  HostLlcs llcs_;
};

}  // namespace ktstr::kvm
