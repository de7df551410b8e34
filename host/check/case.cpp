// SPDX-License-Identifier: Apache-2.0
#include "check/case.hpp"

#include <ktstr/abi/version.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <utility>

namespace ktstr {

const std::vector<CheckCase>& check_cases() {
  static const std::vector<CheckCase> all = [] {
    std::vector<CheckCase> rows;
    for (const auto group : {file_cases(), lifecycle_cases(), gate_cases(), reporter_cases(), store_cases(),
                             baseline_cases(), runner_cases(), state_cases()})
      rows.insert(rows.end(), group.begin(), group.end());
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      // What a case needs comes before it: nobody waits for what is still to begin.
      KTSTR_ASSERT(row->needs.empty() ||
                   std::any_of(rows.begin(), row, [&](const CheckCase& o) { return o.name == row->needs; }));
    }
    return rows;
  }();
  return all;
}

std::string_view name_of_kind(unsigned kinds) {
  constexpr std::pair<unsigned, std::string_view> kNames[] = {
      {kOfFile, "plugin"}, {kOfGate, "gate"},         {kOfReporter, "reporter"},
      {kOfStore, "store"}, {kOfBaseline, "baseline"}, {kOfRunner, "runner"}};
  for (const auto& [bit, name] : kNames) {
    if (kinds == bit) return name;
  }
  return "all";
}

unsigned kind_of_interface(std::string_view interface_id) {
  if (interface_id == KTSTR_GATE_INTERFACE) return kOfGate;
  if (interface_id == KTSTR_REPORTER_INTERFACE) return kOfReporter;
  if (interface_id == KTSTR_STORE_INTERFACE) return kOfStore;
  if (interface_id == KTSTR_BASELINE_INTERFACE) return kOfBaseline;
  if (interface_id == KTSTR_RUNNER_INTERFACE) return kOfRunner;
  return 0;
}

void fail(std::string text) { throw CaseEnd{CaseState::kFailed, std::move(text)}; }
void skip(std::string text) { throw CaseEnd{CaseState::kSkipped, std::move(text)}; }
void does_not_apply(std::string text) { throw CaseEnd{CaseState::kNotApplicable, std::move(text)}; }

}  // namespace ktstr
