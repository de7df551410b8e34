// SPDX-License-Identifier: Apache-2.0
//
// Scenarios that have a name: situations that every scheduler should bear, for any topology. Each is a part
// of a test manifest with parameters of its own. A new one is a row.
#pragma once
#include <string_view>

namespace ktstr::kvm {

struct CannedScenario {
  std::string_view name;
  std::string_view description;
  std::string_view params;  ///< a JSON object: parameters with their defaults
  std::string_view text;    ///< a JSON object: "cgroups", "root", "steps"
};

inline constexpr CannedScenario kCannedScenarios[] = {
    {"steady", "two cgroups with the same load", R"({"workers": 2})",
     R"({"cgroups": [{"repeat": 2, "name": "cg_${i}", "workers": "$workers",
            "work": {"type": "SpinWait"}}]})"},
    {"steady_llc", "two cgroups, each on its own half of the CPUs", R"({"workers": 2})",
     R"({"cgroups": [{"name": "cg_0", "cpuset": {"part": [0, 2]}, "workers": "$workers",
            "work": {"type": "SpinWait"}},
                     {"name": "cg_1", "cpuset": {"part": [1, 2]}, "workers": "$workers",
                        "work": {"type": "SpinWait"}}]})"},
    {"oversubscribed", "two cgroups with many more workers than CPUs", R"({"workers": 32})",
     R"({"cgroups": [{"repeat": 2, "name": "cg_${i}", "workers": "$workers",
            "work": {"type": "Mixed"}}]})"},
    {"cpuset_apply", "two cgroups that run everywhere get a half of the CPUs each", R"({"workers": 4})",
     R"({"cgroups": [{"repeat": 2, "name": "cg_${i}", "workers": "$workers", "work": {"type": "SpinWait"}}],
         "steps": [{"name": "everywhere", "hold_pct": 50},
                   {"name": "apart", "ops": [{"op": "set_cgroup", "cgroup": "cg_0",
                      "cpuset": {"part": [0, 2]}},
                                             {"op": "set_cgroup", "cgroup": "cg_1",
                                                "cpuset": {"part": [1, 2]}}]}]})"},
    {"cpuset_clear", "two cgroups on halves of the CPUs get all of them", R"({"workers": 4})",
     R"({"cgroups": [{"name": "cg_0", "cpuset": {"part": [0, 2]}, "workers": "$workers",
            "work": {"type": "SpinWait"}},
                     {"name": "cg_1", "cpuset": {"part": [1, 2]}, "workers": "$workers",
                        "work": {"type": "SpinWait"}}],
         "steps": [{"name": "apart", "hold_pct": 50},
                   {"name": "everywhere", "ops": [{"op": "clear_cpuset", "cgroup": "cg_0"},
                                                  {"op": "clear_cpuset", "cgroup": "cg_1"}]}]})"},
    {"cpuset_resize", "one cgroup's share of the CPUs shrinks, then grows", R"({"workers": 4})",
     R"({"cgroups": [{"name": "cg_0", "cpuset": {"range": [0, 0.5]}, "workers": "$workers",
            "work": {"type": "SpinWait"}},
                     {"name": "cg_1", "cpuset": {"range": [0.5, 1]}, "workers": "$workers",
                        "work": {"type": "SpinWait"}}],
         "steps": [{"name": "halves", "hold_pct": 33},
                   {"name": "small", "ops": [{"op": "set_cgroup", "cgroup": "cg_0",
                      "cpuset": {"range": [0, 0.25]}},
                                             {"op": "set_cgroup", "cgroup": "cg_1",
                                                "cpuset": {"range": [0.25, 1]}}], "hold_pct": 33},
                   {"name": "large", "ops": [{"op": "set_cgroup", "cgroup": "cg_0",
                      "cpuset": {"range": [0, 0.75]}},
                                             {"op": "set_cgroup", "cgroup": "cg_1",
                                                "cpuset": {"range": [0.75, 1]}}]}]})"},
    {"cgroup_add", "cgroups appear while others run", R"({"workers": 2})",
     R"({"cgroups": [{"name": "cg_0", "workers": "$workers", "work": {"type": "SpinWait"}}],
         "steps": [{"name": "alone", "hold_pct": 50},
                   {"name": "crowd", "ops": [{"repeat": 3, "op": "add_cgroup", "name": "late_${i}",
                      "workers": "$workers", "work": {"type": "SpinWait"}}]}]})"},
    {"cgroup_remove", "cgroups go while others run", R"({"workers": 2})",
     R"({"cgroups": [{"repeat": 4, "name": "cg_${i}", "workers": "$workers", "work": {"type": "SpinWait"}}],
         "steps": [{"name": "crowd", "hold_pct": 50},
                   {"name": "few", "ops": [{"op": "remove_cgroup", "cgroup": "cg_2"},
                      {"op": "remove_cgroup", "cgroup": "cg_3"}]}]})"},
    {"affinity_change", "workers get another random affinity again and again",
     R"({"workers": 4, "every_ms": 100})",
     R"({"cgroups": [{"repeat": 2, "name": "cg_${i}", "workers": "$workers", "work": {"type": "SpinWait"}}],
         "steps": [{"name": "shuffle", "every_ms": "$every_ms",
                    "ops": [{"repeat": 2, "op": "set_tasks", "cgroup": "cg_${i}",
                       "affinity": "random"}]}]})"},
    {"affinity_pinned", "many workers on few CPUs", R"({"workers": 4})",
     R"({"cgroups": [{"name": "pinned", "workers": "$workers", "cpus": {"range": [0, 0.5]},
            "work": {"type": "SpinWait"}},
                     {"name": "free", "workers": "$workers", "work": {"type": "SpinWait"}}]})"},
    {"host_contention", "a cgroup beside workers of the root cgroup", R"({"workers": 4})",
     R"({"cgroups": [{"name": "cg_0", "workers": "$workers", "work": {"type": "SpinWait"}}],
         "root": [{"workers": "$workers", "work": {"type": "SpinWait"}}]})"},
    {"mixed_workloads", "cgroups with different kinds of work", R"({"workers": 4})",
     R"({"cgroups": [{"name": "spin", "workers": "$workers", "work": {"type": "SpinWait"}},
                     {"name": "burst", "workers": "$workers", "work": {"type": "Bursty", "busy_us": 2000,
                        "sleep_us": 3000}},
                     {"name": "pipe", "workers": "$workers", "work": {"type": "PipeIo"}}]})"},
    {"nested_steady", "cgroups in cgroups with the same load", R"({"workers": 2})",
     R"({"cgroups": [{"repeat": 2, "name": "outer_${i}"},
                     {"repeat": 2, "name": "outer_${i}/a", "workers": "$workers",
                        "work": {"type": "SpinWait"}},
                     {"repeat": 2, "name": "outer_${i}/b", "workers": "$workers",
                        "work": {"type": "SpinWait"}}]})"},
    {"nested_task_move", "tasks move between cgroups in cgroups", R"({"workers": 2})",
     R"({"cgroups": [{"repeat": 2, "name": "outer_${i}"}, {"repeat": 2, "name": "outer_${i}/in"},
                     {"name": "outer_0/work", "workers": "$workers", "work": {"type": "SpinWait"}}],
         "steps": [{"name": "here", "hold_pct": 33},
                   {"name": "near", "ops": [{"op": "move_tasks", "cgroup": "outer_0/work",
                      "to": "outer_0/in"}], "hold_pct": 33},
                   {"name": "far", "ops": [{"op": "move_tasks", "cgroup": "outer_0/in",
                      "to": "outer_1/in"}]}]})"},
};

}  // namespace ktstr::kvm
