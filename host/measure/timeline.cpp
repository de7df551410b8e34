// SPDX-License-Identifier: Apache-2.0
#include "measure/timeline.hpp"

#include <algorithm>
#include <ktstr/kit/text.hpp>
#include <string>
#include <vector>

namespace ktstr {
namespace {

constexpr std::size_t kMostPhases = 100, kLongestLabel = 100;

struct Phase {
  std::int64_t begin = 0, end = 0;
  std::string label;
};

/// A whole number of milliseconds; less than 0 for anything else.
std::int64_t milliseconds(const json::object& phase, const char* key) {
  const json::value* value = phase.if_contains(key);
  if (value == nullptr) return -1;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  return error ? -1 : number;
}

std::string label_of(const json::object& phase) {
  const json::value* label = phase.if_contains("label");
  return label != nullptr && label->is_string() ? printable_start(label->get_string(), kLongestLabel) : "";
}

}  // namespace

json::array timeline_of(std::string_view sidecar) {
  json::array out;
  const auto parsed = parse_json(sidecar, "sidecar");
  if (!parsed || !parsed->is_object()) return out;
  const json::value* stats = parsed->get_object().if_contains("stats");
  if (stats == nullptr || !stats->is_object()) return out;
  const json::value* list = stats->get_object().if_contains("phases");
  if (list == nullptr || !list->is_array()) return out;
  std::vector<Phase> phases;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object()) continue;
    const json::object& phase = one.get_object();
    Phase found{milliseconds(phase, "start_ms"), milliseconds(phase, "end_ms"), label_of(phase)};
    if (found.begin >= 0 && found.end >= found.begin) phases.push_back(std::move(found));
  }
  std::stable_sort(phases.begin(), phases.end(),
                   [](const Phase& a, const Phase& b) { return a.begin < b.begin; });
  if (phases.size() > kMostPhases) phases.resize(kMostPhases);
  for (const Phase& one : phases)
    out.push_back(json::object{{"label", one.label}, {"begin_ms", one.begin}, {"end_ms", one.end}});
  return out;
}

}  // namespace ktstr
