// SPDX-License-Identifier: Apache-2.0
//
// What a row of the table of work types says.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/parameter.hpp"

namespace ktstr::kvm {

inline constexpr std::uint32_t kLargestGroup = 64;  ///< unless a whole set is one

/// Which workers belong together: they share a GroupShared, and a set has a multiple of their number.
struct WorkGroup {
  std::uint32_t fixed = 1;
  std::array<std::string_view, 2> plus = {};  ///< parameters of which the values are added
  bool whole_set = false;                     ///< all workers of a set are one group
};

struct WorkType {
  std::string_view name;
  std::string_view description;
  std::span<const Parameter> parameters = {};
  WorkGroup group = {};
  /// What it measures: names of distributions in the worker's report. The first is "wake" or "timer" where it
  /// is a latency of wake-ups or timers.
  std::array<std::string_view, 2> samples = {};
  std::array<std::string_view, 4> counts = {};  ///< what it counts beside iterations
  bool pipes = false;          ///< each worker of a group has a pipe to the next one, the last to the first
  bool eventfd = false;        ///< the workers of a group have one eventfd
  bool has_messenger = false;  ///< the first of a group only wakes the others
  bool may_renice = false;     ///< keeps CAP_SYS_NICE: sets priorities and policies
  bool threads = false;        ///< the workers of a group are threads of one process
  /// How many words of 64 bits the workers of a group share, beside what every group does; null: none.
  std::uint64_t (*cells)(const WorkType&, const Values&) = nullptr;

  // For rows of the table.
  constexpr WorkType measuring(std::string_view first, std::string_view second = {}) const {
    WorkType row = *this;
    row.samples = {first, second};
    return row;
  }
  constexpr WorkType counting(std::array<std::string_view, 4> names) const {
    WorkType row = *this;
    row.counts = names;
    return row;
  }
  constexpr WorkType in_groups_of(std::uint32_t fixed, std::string_view plus = {},
                                  std::string_view and_plus = {}) const {
    WorkType row = *this;
    row.group = {fixed, {plus, and_plus}, false};
    return row;
  }
  constexpr WorkType in_one_group() const {
    WorkType row = *this;
    row.group = {0, {}, true};
    return row;
  }
  constexpr WorkType over_pipes() const {
    WorkType row = *this;
    row.pipes = true;
    return row;
  }
  constexpr WorkType over_eventfd() const {
    WorkType row = *this;
    row.eventfd = true;
    return row;
  }
  constexpr WorkType sharing(std::uint64_t (*how_many)(const WorkType&, const Values&)) const {
    WorkType row = *this;
    row.cells = how_many;
    return row;
  }
  constexpr WorkType with_messenger() const {
    WorkType row = *this;
    row.has_messenger = true;
    return row;
  }
  constexpr WorkType as_threads() const {
    WorkType row = *this;
    row.threads = true;
    return row;
  }
  constexpr WorkType that_renices() const {
    WorkType row = *this;
    row.may_renice = true;
    return row;
  }

  std::uint32_t workers_per_group(const Values& values, std::uint32_t workers) const {
    if (group.whole_set) return std::max(workers, 1U);
    std::uint32_t size = group.fixed;
    for (const std::string_view more : group.plus)
      size += more.empty() ? 0 : static_cast<std::uint32_t>(number_of(parameters, values, more));
    return size;
  }
};

/// A work type with what its parameters were set to.
struct Work {
  const WorkType* type = nullptr;
  Values values;  ///< of type->parameters

  std::uint64_t count(std::string_view name) const {
    return static_cast<std::uint64_t>(number_of(type->parameters, values, name));
  }
  std::string_view text(std::string_view name) const { return text_of(type->parameters, values, name); }
  std::uint32_t workers_per_group(std::uint32_t workers) const {
    return type->workers_per_group(values, workers);
  }
};

}  // namespace ktstr::kvm
