// SPDX-License-Identifier: Apache-2.0
#include "manifest/cpuset.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <numeric>
#include <set>

#include "manifest/keys.hpp"
#include "manifest/test_spec.hpp"

namespace ktstr::kvm {
namespace {

using CpuList = std::vector<std::uint32_t>;

/// CPUs from `first` to before `last`, and one at least.
CpuList between(std::uint32_t first, std::uint32_t last, std::uint32_t cpus) {
  first = std::min(first, cpus - 1);
  last = std::clamp(last, first + 1, cpus);
  KTSTR_ASSERT(first < last && last <= cpus);
  CpuList list(last - first);
  std::iota(list.begin(), list.end(), first);
  return list;
}

std::uint32_t share_of_cpus(double share, std::uint32_t cpus) {
  return static_cast<std::uint32_t>(std::lround(share * cpus));
}

CpuList parse_range(const Located& located, std::uint32_t cpus) {
  const std::vector<Located> ends = located.items(2, 2);
  const double from = ends[0].number(0, 1), to = ends[1].number(0, 1);
  if (from >= to) refuse(located.place, "the range ends before it begins");
  return between(share_of_cpus(from, cpus), share_of_cpus(to, cpus), cpus);
}

CpuList parse_part(const Located& located, std::uint32_t cpus, bool overlapping) {
  const std::size_t numbers = overlapping ? 3 : 2;
  const std::vector<Located> items = located.items(numbers, numbers);
  const std::uint64_t parts = items[1].integer(1, cpus), index = items[0].integer(0, parts - 1);
  const auto size = static_cast<std::uint32_t>(cpus / parts);
  const auto more = overlapping ? share_of_cpus(items[2].number(0, 1), size) : 0;
  const auto first = static_cast<std::uint32_t>(index) * size;
  const std::uint32_t last = index + 1 == parts ? cpus : first + size;
  KTSTR_ASSERT(size > 0 && first < last && last <= cpus);
  return between(first - std::min(first, more), last + more, cpus);
}

CpuList parse_form(const Located& located, const Topology& topology) {
  const StrictObject object(located, keys::kCpuset);
  std::string_view form;
  for (const std::string_view key : keys::kCpuset) {
    if (object.find(key) == nullptr) continue;
    if (!form.empty())
      refuse(located.place,
             "\"" + std::string(form) + "\" and \"" + std::string(key) + "\" exclude each other");
    form = key;
  }
  if (form.empty()) wrong(located.place, kCpusetForms, *located.value);
  const Located& value = object.get(form);
  if (form == "llc")
    return topology.cpus_of_llc(static_cast<std::uint32_t>(value.integer(0, topology.llcs - 1)));
  if (form == "node") {
    CpuList cpus =
        topology.cpus_of_node(static_cast<std::uint32_t>(value.integer(0, topology.numa_nodes - 1)));
    if (cpus.empty()) refuse(value.place, "this NUMA node has memory and no CPUs");
    return cpus;
  }
  if (form == "range") return parse_range(value, topology.cpus());
  return parse_part(value, topology.cpus(), form == "overlap");
}

CpuList parse_list(const Located& located, std::uint32_t cpus) {
  std::set<std::uint32_t> list;
  for (const Located& item : located.items(1, cpus)) {
    if (!list.insert(static_cast<std::uint32_t>(item.integer(0, cpus - 1))).second)
      refuse(item.place, "this CPU is listed twice");
  }
  return {list.begin(), list.end()};
}

}  // namespace

CpuList parse_cpuset(const Located& located, const Topology& topology, const CpuList& online) {
  if (located.is_null()) return {};
  KTSTR_ASSERT(std::is_sorted(online.begin(), online.end()));
  if (!located.value->is_array() && !located.value->is_object())
    wrong(located.place, kCpusetForms, *located.value);
  CpuList cpus =
      located.value->is_object() ? parse_form(located, topology) : parse_list(located, topology.cpus());
  const bool any = std::any_of(cpus.begin(), cpus.end(), [&](std::uint32_t cpu) {
    return std::binary_search(online.begin(), online.end(), cpu);
  });
  if (!any) refuse(located.place, "all of these CPUs stay offline, as kernel_args has it");
  KTSTR_ASSERT(std::is_sorted(cpus.begin(), cpus.end()) && cpus.back() < topology.cpus());
  KTSTR_ASSERT(std::adjacent_find(cpus.begin(), cpus.end()) == cpus.end());
  return cpus;
}

}  // namespace ktstr::kvm
