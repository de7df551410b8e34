// SPDX-License-Identifier: Apache-2.0
#include "analysis/cost.hpp"

#include <algorithm>
#include <map>

#include "analysis/figures.hpp"

namespace ktstr {
namespace {

using Costs = std::map<std::pair<CostKind, std::string>, Cost>;

const json::object* object_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_object() ? &value->get_object() : nullptr;
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Costs costs_of(const json::object& cost) {
  Costs costs;
  const json::value* functions = cost.if_contains("functions");
  if (functions == nullptr || !functions->is_array()) return costs;
  for (const json::value& entry : functions->get_array()) {
    if (!entry.is_object()) continue;
    const json::object& row = entry.get_object();
    const auto kind = std::find(std::begin(kCostKinds), std::end(kCostKinds), text_at(row, "kind"));
    const std::string name = text_at(row, "name");
    if (kind == std::end(kCostKinds) || name.empty()) continue;
    costs[{static_cast<CostKind>(kind - std::begin(kCostKinds)), name}] = {
        count_at(row, "calls"), count_at(row, "insns"), count_at(row, "self_insns")};
  }
  return costs;
}

bool is_complete(const json::object& cost) {
  const json::value* value = cost.if_contains("complete");
  return value == nullptr || !value->is_bool() || value->get_bool();
}

std::uint64_t most_of(const CostLine& line) {
  return std::max(line.head ? line.head->insns : 0, line.base ? line.base->insns : 0);
}

}  // namespace

CostTable cost_table(const json::object* base, const json::object& head) {
  CostTable table;
  static const json::object kNone;
  const json::object *after = object_at(head, "cost"),
                     *before = base != nullptr ? object_at(*base, "cost") : nullptr;
  if (after == nullptr) after = &kNone;
  table.head_insns = count_at(*after, "insns");
  table.complete = is_complete(*after);
  std::map<std::pair<CostKind, std::string>, CostLine> lines;
  for (const auto& [key, cost] : costs_of(*after)) lines[key] = {key.first, key.second, std::nullopt, cost};
  if (before != nullptr) {
    table.base_insns = count_at(*before, "insns");
    table.complete = table.complete && is_complete(*before);
    for (const auto& [key, cost] : costs_of(*before)) {
      CostLine& line = lines[key];
      line.kind = key.first;
      line.name = key.second;
      line.base = cost;
    }
  }
  for (auto& [key, line] : lines) table.lines.push_back(std::move(line));
  std::stable_sort(table.lines.begin(), table.lines.end(), [](const CostLine& a, const CostLine& b) {
    return a.kind != b.kind ? a.kind < b.kind : most_of(a) > most_of(b);
  });
  return table;
}

}  // namespace ktstr
