// SPDX-License-Identifier: Apache-2.0
//
// Kinds of schedulers that there are in public, and the ways in which they end, on small and larger
// machines: what public ones do (docs/public-schedulers.md) with schedulers of the tests' own.
#include <gmock/gmock.h>

#include <algorithm>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::ContainsRegex;

struct Kind {
  const char* name;
  const char* program;
  const char* arguments;
  const char* told;  ///< how it ends, as a regular expression; empty: it runs well
};

constexpr const char* kStall =
    R"(^the kernel ejected the scheduler "mine": runnable task stall: .*for [0-9.]+s)";
constexpr Kind kKinds[] = {
    {"first_come", "scx_probe", "", ""},
    {"central", "scx_kinds", R"("central")", ""},
    {"cgroups", "scx_kinds", R"("cgroups")", ""},
    {"userland", "scx_kinds", R"("userland")", ""},
    {"userland_starves", "scx_kinds", R"("userland", "--stop-after", "300")", kStall},
    {"never_dispatches", "scx_probe", R"("--fault", "lose-all")", kStall},
    {"loses_some", "scx_probe", R"("--fault", "lose-some")", kStall},
    {"ejected_in_the_middle", "scx_probe", R"("--fault", "give-up")",
     R"(^the kernel ejected the scheduler "mine": scx_bpf_error: 200 is more than this scheduler can count)"},
};

/// Four kinds of workers, more than there are CPUs; half of those that always want to run have three times
/// the weight of the others.
std::string manifest(const char* topology) {
  std::string tests;
  for (const Kind& kind : kKinds) {
    tests += (tests.empty() ? "" : ",") + std::string(R"({"name": ")") + kind.name +
             R"(", "scheduler": {"name": "mine", "binary": ")" KTSTR_VM_SCHEDULERS "/" + kind.program +
             R"(", "args": [)" + kind.arguments + "]}}";
  }
  return R"({"defaults": {"topology": ")" + std::string(topology) +
         R"(", "duration_ms": 2500, "assert": {"not_stuck": true},
    "cgroups": [{"name": "heavy", "weight": 300, "workers": 8, "work": {"type": "SpinWait"}},
                {"name": "light", "weight": 100, "workers": 8, "work": {"type": "SpinWait"}},
                {"name": "timers", "workers": 2, "work": {"type": "Bursty", "busy_us": 500, "sleep_us": 5000}},
                {"name": "pinned", "cpuset": [1], "workers": 1, "work": {"type": "Bursty", "busy_us": 500, "sleep_us": 5000}}]},
    "tests": [)" +
         tests + "]}";
}

double iterations(const TestRecord& record, std::string_view name) {
  const json::object sidecar = record.document();
  for (const json::value& cgroup : sidecar.at("stats").at("cgroups").as_array())
    if (cgroup.at("name").as_string() == name) return cgroup.at("total_iterations").to_number<double>();
  return 0;
}

class SchedulerKinds : public VmCase, public ::testing::WithParamInterface<const char*> {};

TEST_P(SchedulerKinds, RunOrSayWhyTheyEnded) {
  const std::map<std::string, TestRecord> records = run(manifest(GetParam()), {{"deterministic", true}});
  ASSERT_EQ(status, KTSTR_OK) << error_text;
  ASSERT_EQ(records.size(), std::size(kKinds));
  for (const Kind& kind : kKinds) {
    const TestRecord& record = records.at(kind.name);
    const bool runs = *kind.told == '\0';
    EXPECT_EQ(record.outcome, runs ? KTSTR_TEST_PASSED : KTSTR_TEST_FAILED) << kind.name << record.message;
    if (runs) continue;
    EXPECT_THAT(record.message, ContainsRegex(kind.told)) << kind.name;
    EXPECT_LE(std::count(record.message.begin(), record.message.end(), '\n'), 1)
        << "victims are counted, not listed: " << record.message;
  }
  const TestRecord& shares = records.at("cgroups");
  EXPECT_GT(iterations(shares, "heavy"), 1.8 * iterations(shares, "light")) << "three to one by weight";
}

INSTANTIATE_TEST_SUITE_P(Guests, SchedulerKinds, ::testing::Values("1n1l2c1t"));
INSTANTIATE_TEST_SUITE_P(SlowGuests, SchedulerKinds, ::testing::Values("1n2l2c2t", "2n4l2c1t"));

}  // namespace
}  // namespace ktstr::vm
