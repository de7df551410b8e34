// SPDX-License-Identifier: Apache-2.0
#include "cost/cost_json.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kMostCostRows = 300;

constexpr std::string_view kCodeKinds[] = {"kernel", "operation", "program"};

}  // namespace

void write_cost(kit::JsonWriter& json, const Counts& counts) {
  json.begin_object().member("insns", counted_insns(counts)).member("complete", !counts.overflowed);
  json.key("functions").begin_array();
  std::size_t functions = 0;
  for (const CostRow& row : cost_rows(counts)) {
    if (row.code.kind == CodeKind::kKernel && ++functions > kMostCostRows) continue;
    json.begin_object().member("name", row.code.name);
    json.member("kind", kCodeKinds[static_cast<std::size_t>(row.code.kind)]).member("calls", row.cost.calls);
    json.member("insns", row.cost.insns).member("self_insns", row.cost.self_insns).end_object();
  }
  json.end_array().end_object();
}

}  // namespace ktstr::kvm
