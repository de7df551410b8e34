// SPDX-License-Identifier: Apache-2.0
#include "runner/cpu_locks.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ktstr/kit/assert.hpp>
#include <set>
#include <thread>

#include "machine/files.hpp"

namespace ktstr::kvm {
namespace {

using Kind = kit::HeldLock::Kind;

constexpr std::chrono::milliseconds kStep{20};
constexpr int kQuietLooks = 50;  // a second: who is in the way no longer than that is no news
constexpr int kOpen = O_RDWR | O_CREAT;

/// Empty when somebody else has it; throws when nobody can.
kit::HeldLock try_lock(const std::filesystem::path& path, Kind kind) {
  kit::HeldLock lock = kit::HeldLock::try_take(path, kOpen, kind);
  if (!lock && errno != EWOULDBLOCK && errno != ESTALE && errno != EINTR)
    throw_file_error("cannot lock", path);
  return lock;
}

}  // namespace

HostLocks::HostLocks(std::filesystem::path directory, HostLlcs llcs)
    : directory_(std::move(directory)), llcs_(std::move(llcs)) {
  KTSTR_ASSERT(!llcs_.empty());
}

std::filesystem::path HostLocks::file(std::string_view kind, std::size_t number) const {
  return directory_ / (std::string(kind) + std::to_string(number) + ".lock");
}

/// Adds an LLC, or as much of it as is free; false when it gives nothing.
bool HostLocks::take_llc(std::size_t llc, const CpuWish& wish, CpuLocks& taken) const {
  const bool alone = wish.tier == LockTier::kPerformance;
  kit::HeldLock lock = try_lock(file("llc", llc), alone ? Kind::kExclusive : Kind::kShared);
  if (!lock) return false;
  const std::size_t before = taken.cpus.size();
  for (const std::uint32_t cpu : llcs_[llc]) {
    if (taken.cpus.size() >= wish.cpus) break;
    if (wish.tier == LockTier::kDefault) {
      kit::HeldLock own = try_lock(file("cpu", cpu), Kind::kExclusive);
      if (!own) continue;
      taken.locks.push_back(std::move(own));
    }
    taken.cpus.push_back(cpu);
  }
  if (taken.cpus.size() == before) return false;
  taken.locks.push_back(std::move(lock));
  return true;
}

bool HostLocks::try_take_llc_by_llc(const CpuWish& wish, CpuLocks& taken) const {
  std::vector<bool> used(llcs_.size());
  for (const std::uint32_t wanted : wish.llcs) {
    std::size_t llc = 0;
    CpuLocks one;
    const CpuWish part{wish.tier, wanted, {}};
    while (llc < llcs_.size() && (used[llc] || llcs_[llc].size() < wanted || !take_llc(llc, part, one)))
      ++llc;
    if (llc == llcs_.size()) return false;
    used[llc] = true;
    taken.cpus.insert(taken.cpus.end(), one.cpus.begin(), one.cpus.end());
    for (kit::HeldLock& lock : one.locks) taken.locks.push_back(std::move(lock));
  }
  return true;
}

bool HostLocks::try_take(const CpuWish& wish, CpuLocks& taken) const {
  taken = {};
  if (!wish.llcs.empty()) {
    if (try_take_llc_by_llc(wish, taken)) return true;
    taken = {};
    return false;
  }
  for (std::size_t llc = 0; llc < llcs_.size() && taken.cpus.size() < wish.cpus; ++llc)
    take_llc(llc, wish, taken);
  if (taken.cpus.size() >= wish.cpus) return true;
  taken = {};  // all or nothing: who holds a part while waiting for the rest may wait for ever
  return false;
}

/// Of whatever is held, each once.
std::string HostLocks::holders() const {
  std::set<std::string> seen;
  for (std::size_t llc = 0; llc < llcs_.size(); ++llc) seen.insert(kit::lock_holders(file("llc", llc)));
  std::string text;
  for (const std::string& one : seen) {
    if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
  }
  return text.empty() ? "somebody" : text;
}

CpuLocks HostLocks::take(const CpuWish& wish, const std::function<bool()>& give_up,
                         const std::function<void(const std::string&)>& tell) const {
  std::size_t all = 0;
  for (const auto& cpus : llcs_) all += cpus.size();
  const CpuWish possible{wish.tier, static_cast<std::uint32_t>(std::min<std::size_t>(wish.cpus, all)),
                         wish.llcs};
  bool told = false;
  int looks = 0;
  const auto wait = [&] {
    const bool over = give_up();
    if (!told && (over || ++looks > kQuietLooks)) {
      tell("waits for host CPUs that others have: " + holders());
      told = true;
    }
    return over;
  };
  try {
    make_private_directory(directory_);
    const std::filesystem::path turns = directory_ / "turn.lock";
    const kit::HeldLock turn = kit::HeldLock::wait(turns, kOpen, Kind::kExclusive, kStep, wait);
    if (!turn && errno != EWOULDBLOCK) throw_file_error("cannot lock", turns);
    CpuLocks taken;
    while (turn && !try_take(possible, taken)) {
      if (wait()) return {};
      std::this_thread::sleep_for(kStep);
    }
    KTSTR_ASSERT(!turn || taken.cpus.size() == possible.cpus);
    return taken;
  } catch (const FileError& failure) {
    tell(std::string(failure.what()) + ": guests of other invocations may be in this one's way");
    return {};
  }
}

}  // namespace ktstr::kvm
