// SPDX-License-Identifier: Apache-2.0
//
// What a guest writes is read, judged and becomes a sidecar and a dump that the host can read, whatever it
// is.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>

#include "dump/failure_dump.hpp"
#include "manifest/manifest.hpp"
#include "result/agent_result.hpp"
#include "sidecar/sidecar.hpp"

namespace {

constexpr std::string_view kManifest = R"({
  "name": "two_groups", "topology": "1n2l1c1t", "scheduler": {"name": "demo", "binary": "build/scx_demo"},
  "cgroups": [
    {"name": "steady", "cpuset": [0], "workers": 2, "work": {"type": "Bursty"}},
    {"name": "timer", "cpuset": {"llc": 1}, "workers": 1, "work": {"type": "TimerLatency"}}
  ],
  "duration_ms": 1000, "performance_mode": true,
  "assert": {"max_gap_ms": 100, "max_spread_pct": 20, "isolation": true}
})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ktstr::kvm;
  static const TestSpec test = parse_manifest(kManifest, "a.json", "/p/a.json").at(0);
  MachineOutcome machine;
  machine.end = MachineEnd::kCompleted;
  machine.stage = Stage::kDone;
  machine.result.assign(reinterpret_cast<const char*>(data), size);
  machine.console_tail = machine.result;
  machine.seen.scenario_at_most = std::chrono::milliseconds(1100);
  machine.seen.scenario_at_least = std::chrono::milliseconds(980);
  machine.seen.cpu_time = std::chrono::seconds(3);
  machine.seen.heartbeats = 11;
  const Verdict verdict = judge(test, machine, {"0123abcd", false});
  if (verdict.outcome == Outcome::kPassed && !verdict.result) std::abort();
  if ((verdict.outcome == Outcome::kPassed) != verdict.lines.empty()) std::abort();
  boost::system::error_code broken;
  boost::json::parse(write_sidecar(test, {}, machine, verdict), broken);
  if (broken) std::abort();
  boost::json::parse(make_failure_dump(test, {}, machine, verdict).json, broken);
  if (broken) std::abort();
  return 0;
}
