// SPDX-License-Identifier: Apache-2.0
#include "explore/invariants.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/text.hpp>

#include "explore/places.hpp"

namespace ktstr {
namespace {

/// How many there are of what the limit grows with.
std::uint64_t count_of(const json::value& test, const Invariant& invariant) {
  std::uint64_t count = 0;
  for (const std::string& pattern : invariant.count_in) {
    for (const json::value* place : values_at(test, pattern)) {
      if (!place->is_object()) continue;
      const json::value* said = place->get_object().if_contains(invariant.count);
      count += said != nullptr && said->is_number()
                   ? static_cast<std::uint64_t>(std::clamp(said->to_number<double>(), 0.0, 1e6))
                   : invariant.count_absent;
    }
  }
  return count;
}

json::value limit_of(const json::value& test, const Invariant& invariant) {
  if (invariant.for_each == 0) return invariant.limit;
  const double more = invariant.for_each * static_cast<double>(count_of(test, invariant));
  return static_cast<std::int64_t>(std::llround(invariant.limit.to_number<double>() + more));
}

/// Unless somebody has said one.
void put(json::object& object, const std::vector<std::string>& member, std::size_t at, json::value limit) {
  json::value* inner = object.if_contains(member[at]);
  if (at + 1 == member.size()) {
    if (inner == nullptr) object[member[at]] = std::move(limit);
    return;
  }
  if (inner == nullptr) inner = &(object[member[at]] = json::object());
  if (inner->is_object()) put(inner->get_object(), member, at + 1, std::move(limit));
}

void leave_out(json::object& object, const std::vector<std::string>& member, std::size_t at) {
  json::value* inner = object.if_contains(member[at]);
  if (inner == nullptr) return;
  if (at + 1 == member.size()) {
    object.erase(member[at]);
  } else if (inner->is_object()) {
    leave_out(inner->get_object(), member, at + 1);
  }
}

void collect_names(const json::value& value, std::vector<std::string>& names) {
  if (value.is_array()) {
    for (const json::value& item : value.get_array()) collect_names(item, names);
  } else if (value.is_object()) {
    for (const auto& entry : value.get_object()) {
      if (entry.key() == "name" && entry.value().is_string()) names.emplace_back(entry.value().get_string());
      collect_names(entry.value(), names);
    }
  }
}

bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// "cgroup hogs: worker 35 waited 12.5 ms" is "cgroup *: worker # waited # ms".
std::string without_particulars(std::string line, const json::object& test) {
  std::vector<std::string> names;
  collect_names(test, names);
  std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const std::string& name : names) {
    if (name.empty() || name == "*") continue;
    for (std::size_t at = 0; (at = line.find(name, at)) != std::string::npos; ++at) {
      const std::size_t end = at + name.size();
      const bool whole =
          (at == 0 || !is_of_word(line[at - 1])) && (end == line.size() || !is_of_word(line[end]));
      if (whole) line.replace(at, name.size(), "*");
    }
  }
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const bool digit = line[at] >= '0' && line[at] <= '9';
    if (digit && (out.empty() || out.back() != '#')) out += '#';
    const bool point = line[at] == '.' && !out.empty() && out.back() == '#';
    if (!digit && !point) out += line[at];
  }
  return out;
}

}  // namespace

json::object with_invariants(json::object test, const Bounds& bounds,
                             const std::optional<std::string>& only) {
  const json::value before(test);
  for (const Invariant& invariant : bounds.invariants) {
    const bool holds = !has_member(before, invariant.unless);
    if (!holds && invariant.own_too && !invariant.member.empty()) leave_out(test, invariant.member, 0);
    if (invariant.member.empty() || (only && invariant.name != *only) || !holds) continue;
    put(test, invariant.member, 0, limit_of(before, invariant));
  }
  return test;
}

std::string failure_kind(std::string_view message, const json::object& test, const Bounds& bounds) {
  const std::string line(kit::first_line_of(message));
  for (const Invariant& invariant : bounds.invariants) {
    if (line.find(invariant.says) != std::string::npos) return invariant.name;
  }
  return without_particulars(line, test);
}

}  // namespace ktstr
