// SPDX-License-Identifier: Apache-2.0
//
// Tests, results and machine outcomes that the unit tests share.
#pragma once
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <ktstr/cpp/error.hpp>
#include <ktstr/kit/mistake.hpp>
#include <sstream>
#include <string>

#include "framework/temp_tree.hpp"
#include "judge/evidence.hpp"
#include "machine/machine.hpp"
#include "manifest/manifest.hpp"
#include "result/agent_result.hpp"

namespace ktstr::kvm::samples {

/// Two cgroups on 1n2l1c1t under a scheduler of the project.
inline constexpr std::string_view kManifest = R"({
  "name": "two_groups",
  "topology": "1n2l1c1t",
  "sysctls": {"kernel.sched_rt_runtime_us": -1, "kernel.numa_balancing": "0"},
  "kernel_args": ["quiet"],
  "scheduler": {"name": "demo", "binary": "build/scx_demo", "args": ["--slice-us", "20000"]},
  "cgroups": [
    {"name": "steady", "cpuset": [0], "workers": 2, "work": {"type": "Bursty"}},
    {"name": "timer", "cpuset": {"llc": 1}, "workers": 1, "work": {"type": "TimerLatency", "interval_us": 500}},
  ],
  "duration_ms": 1000,
  "performance_mode": true,
  "assert": {"not_stuck": true, "max_gap_ms": 100, "max_spread_pct": 20, "isolation": true},
  "perf_delta_assertions": [{"metric": "worst_gap_ms", "max_regression_pct": 10}],
})";

inline TestSpec test(std::string_view manifest = kManifest) {
  return parse_manifest(manifest, "a.json", "/p/a.json").at(0);
}

inline constexpr const char* kNonce = "0123abcd";
inline RunTerms terms() { return {kNonce, false}; }

/// What a worker measured: one distribution, all of which it kept.
inline boost::json::object distribution(const char* name, boost::json::array kept) {
  const std::size_t seen = kept.size();
  return {{name, {{"seen", seen}, {"kept", std::move(kept)}}}};
}

/// A worker of Bursty, with every number that the table has.
inline boost::json::object worker(int tid, int cpu) {
  boost::json::object report{{"tid", tid}, {"cpus_used", {cpu}}};
  for (const WorkerNumber& number : kWorkerNumbers) report[number.name] = 0;
  const std::pair<const char*, std::int64_t> kNumbers[] = {{"work_units", 500},
                                                           {"iterations", 250},
                                                           {"cpu_time_ns", 400'000'000},
                                                           {"user_time_ns", 390'000'000},
                                                           {"system_time_ns", 10'000'000},
                                                           {"wall_time_ns", 1'000'000'000},
                                                           {"off_cpu_ns", 600'000'000},
                                                           {"migrations", 2},
                                                           {"max_gap_ns", 46'287'000},
                                                           {"max_gap_cpu", cpu},
                                                           {"max_gap_at_ns", 5'100'000'000},
                                                           {"run_delay_ns", 310'500},
                                                           {"run_count", 40}};
  for (const auto& [name, number] : kNumbers) report[name] = number;
  report["samples"] = distribution("wake", {1000, 3000, 2000});
  report["counts"] = boost::json::object();
  report["completed"] = true;
  report["exit"] = "";
  return report;
}

/// An array with that array in it: in braces clang makes a copy of the inner one.
inline boost::json::array nested(boost::json::array inner) {
  boost::json::array outer;
  outer.emplace_back(std::move(inner));
  return outer;
}

/// What a set of workers has done when a phase begins: `count` iterations and as many samples, all of one
/// bucket.
inline boost::json::object progress(std::uint64_t count, const char* distribution) {
  namespace json = boost::json;
  json::array buckets;
  if (count > 0) buckets.emplace_back(json::array{bucket_of(1000), count});
  json::object samples;
  if (distribution != nullptr) samples[distribution] = std::move(buckets);
  return {{"iterations", count}, {"migrations", 0}, {"run_delay_ns", 0}, {"samples", std::move(samples)}};
}

/// A phase of kManifest's two sets begins.
inline boost::json::object mark(std::int64_t at_ns, std::uint64_t count) {
  namespace json = boost::json;
  const json::object counters{{"totals", json::object()}, {"by_cpu", json::object()}};
  return {{"at_ns", at_ns},
          {"label", ""},
          {"sets", {progress(count, "wake"), progress(count, "timer")}},
          {"counters", counters}};
}

/// A good result for kManifest.
inline boost::json::object result() {
  namespace json = boost::json;
  json::object timer = worker(92, 1);
  timer["samples"] = distribution("timer", {50'000, 70'000, 60'000, 90'000});
  timer["off_cpu_ns"] = 900'000'000;
  json::object second = worker(91, 0);
  second["off_cpu_ns"] = 650'000'000;
  second["max_gap_ns"] = 20'000'000;
  return {{"version", 1},
          {"nonce", kNonce},
          {"outcome", "ok"},
          {"message", ""},
          {"kernel_release", "6.18.12+deb14-cloud-amd64"},
          {"topology",
           {{"numa_nodes", {{0, 1}}},
            {"llcs", {json::array{0}, json::array{1}}},
            {"cores", {json::array{0}, json::array{1}}}}},
          {"scheduler",
           {{"name", "demo"},
            {"ops", "demo"},
            {"state", "enabled"},
            {"switch_all", true},
            {"attach_ns", 41'000'000},
            {"exit_status", nullptr},
            {"exit_reason", ""},
            {"cause", ""},
            {"switched", 3},
            {"log", "attached\n"}}},
          {"scenario",
           {{"start_ns", 5'000'000'000},
            {"end_ns", 6'000'000'000},
            {"burst_before_ns", 210'500},
            {"burst_after_ns", 220'000},
            {"marks", {mark(5'000'000'000, 0), mark(6'000'000'000, 250)}},
            {"pulses", {{5'000'000'000, 0, 0}, {6'000'000'000, 250, 250}}},
            {"snapshots", json::array()},
            {"payloads", json::array()},
            {"sets", {json::array{worker(90, 0), second}, json::array{timer}}}}},
          {"bpf_programs", json::array{json::object{{"name", "demo_enqueue"},
                                                    {"verified_insns", 812},
                                                    {"run_count", 9},
                                                    {"run_ns", 100},
                                                    {"count_before", 4},
                                                    {"ns_before", 40}}}},
          {"dmesg", ""}};
}

/// Of the set of workers `set` in a result.
inline boost::json::object& worker_of(boost::json::object& result, std::size_t set, std::size_t index) {
  return result.at("scenario").at("sets").at(set).at(index).as_object();
}

/// Sets a limit of a test by the name of its assertion.
inline void demand(TestSpec& test, std::string_view assertion, double limit) {
  test.assertions.at(assertion_row(assertion)) = limit;
}

inline AgentResult read(const boost::json::value& document, const TestSpec& spec) {
  std::string problem;
  auto found = read_agent_result(boost::json::serialize(document), spec, problem);
  if (!found) throw std::runtime_error(problem);
  return *found;
}

inline MachineOutcome completed(const boost::json::value& document) {
  MachineOutcome machine;
  machine.end = MachineEnd::kCompleted;
  machine.stage = Stage::kDone;
  machine.result = boost::json::serialize(document);
  machine.template_id = "0123456789abcdef";
  machine.seen.scenario_at_most = std::chrono::milliseconds(1100);
  machine.seen.scenario_at_least = std::chrono::milliseconds(980);
  machine.seen.cpu_time = std::chrono::seconds(3);
  machine.seen.heartbeats = 11;
  return machine;
}

using TemporaryDirectory = testing::TempTree;

/// The message of the sdk::Error or Mistake that `body` throws; fails loudly when it throws none.
template <typename Body>
std::string error_of(Body&& body) {
  try {
    body();
  } catch (const sdk::Error& error) {
    return error.message();
  } catch (const Mistake& mistake) {
    return mistake.message();
  }
  return "(no error)";
}

}  // namespace ktstr::kvm::samples
