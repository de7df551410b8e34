// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "explore/bounds.hpp"

namespace ktstr::testing {

inline json::object object_of(const std::string& text) {
  return kit::read_json(text, "a test", {}).get_object();
}

inline Bounds bounds_of(const std::string& text) {
  const json::value document = kit::read_json(text, "bounds", {});
  return read_bounds({&document, "bounds"});
}

inline Bounds small_bounds() {
  return bounds_of(R"J({
    "list": "tests", "set": {"duration_ms": 400}, "set_unless": ["steps"], "always": {"saved": true},
    "keep": ["name", "duration_ms"], "untouched": ["assert"], "at_least": {"workers": 1, "duration_ms": 50},
    "invariants": [
      {"name": "starvation", "member": ["assert", "max_gap_ms"], "limit": 60, "says": "(max_gap_ms)",
       "for_each": {"more": 20, "count": "workers", "in": ["cgroups/*"], "absent": 2}},
      {"name": "conservation", "member": ["assert", "max_idle"], "limit": 25, "unless": ["cpuset"],
       "says": "(max_idle)"}, {"name": "ending", "says": "did not end"}],
    "variations": [
      {"vary": "nice", "at": ["cgroups/*"], "needs": "work",
       "one_of": [{"nice": -2}, {"nice": 2}, {"nice": null}]},
      {"vary": "work", "at": ["cgroups/*"], "needs": "work",
       "one_of": [{"workers": 6}, {"work": {"type": "Mixed"}}]},
      {"vary": "work", "append_to": "cgroups", "at_most": 3, "one_of": [{"name": "more_$#", "workers": 1}]},
      {"vary": "steps", "append_to": "steps", "first": {"name": "rest"}, "one_of": [
        {"hold_ms": 60, "ops": [{"op": "freeze", "cgroup": "$cgroups/*/name"}]}]}]})J");
}

inline json::object small_test() {
  return object_of(R"({"name": "t", "duration_ms": 2000, "cgroups": [
    {"name": "hogs", "workers": 4, "work": {"type": "SpinWait"}}, {"name": "outer"}]})");
}

}  // namespace ktstr::testing
