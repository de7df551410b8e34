// SPDX-License-Identifier: Apache-2.0
#include "result/agent_result.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/text.hpp>

#include "guest/spec_writer.hpp"
#include "result/result_fields.hpp"
#include "result/rows_reader.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using std::string_view;

constexpr std::size_t kLargestResult = 64U << 20U;
constexpr std::size_t kLongestTrace = 32U << 20U;
constexpr std::uint32_t kMostSeenCpus = 4096;  // of whatever the guest claims to see
constexpr std::uint64_t kLongestTime =
    400ULL * 86400 * 1'000'000'000;  // ns; keeps every sum over 4096 workers in range

std::uint64_t nanoseconds(const Field& field) {
  const std::uint64_t value = field.count();
  if (value > kLongestTime / 4096) field.fail("is longer than any test");
  return value;
}

std::uint64_t read_number(const WorkerNumber& number, const Field& field, std::uint32_t cpus) {
  switch (number.kind) {
    case NumberKind::kCounter: return counter(field);
    case NumberKind::kTime: return nanoseconds(field);
    case NumberKind::kMoment: return field.count();
    case NumberKind::kCpu: return field.cpu(cpus);
  }
  return 0;
}

Samples read_samples(const Field& field, std::uint64_t reservoir) {
  static constexpr string_view kKeys[] = {"seen", "kept"};
  field.only(kKeys);
  return {counter(field["seen"]), field["kept"].counts(reservoir)};
}

WorkerReport read_worker(const Field& field, const WorkType& type, std::uint32_t cpus,
                         std::uint64_t reservoir) {
  static const std::vector<string_view> kKeys = [] {
    std::vector<string_view> keys{"tid", "cpus_used", "samples", "counts", "completed", "exit"};
    for (const WorkerNumber& number : kWorkerNumbers) keys.push_back(number.name);
    return keys;
  }();
  field.only(kKeys);
  WorkerReport worker;
  worker.tid = field["tid"].whole();
  worker.type = &type;
  for (const WorkerNumber& number : kWorkerNumbers)
    worker.*number.member = read_number(number, field[number.name], cpus);
  worker.cpus_used = field["cpus_used"].cpu_list(cpus);
  const Field samples = field["samples"], counts = field["counts"];
  samples.only(type.samples);
  counts.only(type.counts);
  for (std::size_t d = 0; d < type.samples.size(); ++d) {
    if (!type.samples[d].empty()) worker.samples[d] = read_samples(samples[type.samples[d]], reservoir);
  }
  for (std::size_t c = 0; c < type.counts.size(); ++c) {
    if (!type.counts[c].empty()) worker.counts[c] = counter(counts[type.counts[c]]);
  }
  worker.completed = field["completed"].flag();
  worker.exit = field["exit"].text(kLongestLine);
  return worker;
}

CounterReading read_counters(const Field& field) {
  static const std::vector<string_view> kNames = [] {
    std::vector<string_view> names;
    for (const Counter& counter : kCounters) names.push_back(counter.name);
    return names;
  }();
  static constexpr string_view kKeys[] = {"totals", "by_cpu"};
  field.only(kKeys);
  const Field totals = field["totals"], by_cpu = field["by_cpu"];
  totals.only(kNames);
  by_cpu.only(kNames);
  CounterReading reading;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const string_view name = kCounters[i].name;
    if (totals.has(name)) reading.totals[i] = totals[name].count();
    if (by_cpu.has(name)) reading.by_cpu[i] = by_cpu[name].counts(kMostSeenCpus);
  }
  return reading;
}

Buckets read_buckets(const Field& field) {
  Buckets buckets;
  for (const Field& pair : field.items(kHistogramBuckets)) {
    const std::vector<std::uint64_t> numbers = pair.counts(2);
    const bool sound = numbers.size() == 2 && numbers[0] < kHistogramBuckets && numbers[1] <= UINT32_MAX &&
                       (buckets.empty() || buckets.back().first < numbers[0]);
    if (!sound) pair.fail("is no bucket and its count, or not in order");
    buckets.emplace_back(static_cast<std::uint32_t>(numbers[0]), static_cast<std::uint32_t>(numbers[1]));
  }
  return buckets;
}

SetProgress read_progress(const Field& field, const WorkType& type) {
  SetProgress progress{read_rows<SetNumbers>(field, {"samples"}), {}};
  const Field samples = field["samples"];
  samples.only(type.samples);
  for (std::size_t d = 0; d < type.samples.size(); ++d) {
    if (!type.samples[d].empty()) progress.samples[d] = read_buckets(samples[type.samples[d]]);
  }
  return progress;
}

Mark read_mark(const Field& field, const Scenario& scenario) {
  static constexpr string_view kKeys[] = {"at_ns", "label", "sets", "counters"};
  field.only(kKeys);
  Mark mark{field["at_ns"].count(), field["label"].text(256), {}, read_counters(field["counters"])};
  const std::vector<Field> sets = field["sets"].items(scenario.sets.size());
  if (sets.size() != scenario.sets.size()) field["sets"].fail("is not of all sets of workers");
  for (std::size_t s = 0; s < sets.size(); ++s)
    mark.sets.push_back(read_progress(sets[s], *scenario.sets[s].work.type));
  KTSTR_ASSERT(mark.sets.size() == scenario.sets.size());
  return mark;
}

/// The workers of a set, into the report of its cgroup.
void read_set(const Field& field, const TestSpec& test, std::size_t index, std::uint32_t cpus,
              ScenarioReport& report) {
  KTSTR_ASSERT(index < test.scenario.sets.size());
  const WorkerSet& set = test.scenario.sets[index];
  const std::vector<Field> workers = field.items(set.workers);
  // A set that an operation was to start may never have got that far.
  if (workers.empty() && !set.at_start) return;
  if (workers.size() != set.workers)
    field.fail("reports " + std::to_string(workers.size()) + " of " + std::to_string(set.workers) +
               " workers");
  auto cgroup = std::find_if(report.cgroups.begin(), report.cgroups.end(),
                             [&](const CgroupReport& one) { return one.cgroup == set.cgroup; });
  if (cgroup == report.cgroups.end()) {
    const std::string name = set.cgroup == kRootCgroup ? "root" : test.scenario.cgroups[set.cgroup].name;
    cgroup = report.cgroups.insert(report.cgroups.end(), {name, set.cgroup, {}});
  }
  for (std::size_t w = 0; w < workers.size(); ++w) {
    WorkerReport worker = read_worker(workers[w], *set.work.type, cpus, latency_reservoir(test));
    worker.set = index;
    worker.messenger = set.work.type->has_messenger && w % set.work.workers_per_group(set.workers) == 0;
    cgroup->workers.push_back(std::move(worker));
  }
}

Snapshot read_snapshot(const Field& field) {
  static constexpr string_view kKeys[] = {"name", "at_ns", "values"};
  constexpr std::size_t kMostVariables = 8192;
  field.only(kKeys);
  Snapshot snapshot{field["name"].text(64), field["at_ns"].count(), {}};
  for (const auto& [name, value] : field["values"].members(kMostVariables))
    snapshot.values.emplace(printable_start(name, 300), static_cast<double>(value.whole()));
  return snapshot;
}

ScenarioReport read_scenario(const Field& field, const TestSpec& test, std::uint32_t cpus) {
  static constexpr string_view kKeys[] = {"start_ns", "end_ns", "burst_before_ns", "burst_after_ns",
                                          "marks",    "pulses", "snapshots",       "payloads",
                                          "readings", "sets"};
  constexpr std::size_t kMostMarks = 4096, kMostRuns = 256, kMostPulses = 50'000, kMostTaken = 64;
  field.only(kKeys);
  ScenarioReport scenario;
  scenario.start_ns = field["start_ns"].count();
  scenario.end_ns = field["end_ns"].count();
  scenario.burst_before_ns = counter(field["burst_before_ns"]);
  scenario.burst_after_ns = counter(field["burst_after_ns"]);
  if (scenario.end_ns < scenario.start_ns) field["end_ns"].fail("lies before the start");
  std::uint64_t last = scenario.start_ns;
  for (const Field& mark : field["marks"].items(kMostMarks)) {
    scenario.marks.push_back(read_mark(mark, test.scenario));
    if (scenario.marks.back().at_ns < last) mark["at_ns"].fail("lies before the mark that precedes it");
    last = scenario.marks.back().at_ns;
  }
  for (const Field& pulse : field["pulses"].items(kMostPulses)) {
    std::vector<std::uint64_t> numbers = pulse.counts(test.scenario.sets.size() + 1);
    if (numbers.size() != test.scenario.sets.size() + 1) pulse.fail("is not of all sets of workers");
    const std::uint64_t at = numbers.front();
    numbers.erase(numbers.begin());
    scenario.pulses.push_back({at, std::move(numbers)});
  }
  for (const Field& snapshot : field["snapshots"].items(kMostTaken))
    scenario.snapshots.push_back(read_snapshot(snapshot));
  if (field.has("readings")) {
    for (const Field& reading : field["readings"].items(SchedulerSpec::kMostMetrics))
      scenario.readings.push_back(read_rows<SchedulerReading>(reading));
  }
  for (const Field& run : field["payloads"].items(kMostRuns)) {
    scenario.payloads.push_back(read_rows<PayloadRun>(run));
    if (scenario.payloads.back().payload >= test.scenario.payloads.size())
      run["payload"].fail("is none of the test's");
  }
  const std::vector<Field> sets = field["sets"].items(test.scenario.sets.size());
  if (sets.size() != test.scenario.sets.size())
    field["sets"].fail("reports " + std::to_string(sets.size()) + " of " +
                       std::to_string(test.scenario.sets.size()) + " sets of workers");
  for (std::size_t i = 0; i < sets.size(); ++i) read_set(sets[i], test, i, cpus, scenario);
  KTSTR_ASSERT(scenario.start_ns <= scenario.end_ns && scenario.cgroups.size() <= sets.size());
  return scenario;
}

GuestTopology read_topology(const Field& field) {
  static constexpr string_view kKeys[] = {"numa_nodes", "llcs", "cores", "distances"};
  field.only(kKeys);
  GuestTopology topology;
  const std::pair<string_view, std::vector<std::vector<std::uint32_t>>*> parts[] = {
      {"numa_nodes", &topology.numa_nodes}, {"llcs", &topology.llcs}, {"cores", &topology.cores}};
  KTSTR_ASSERT(topology.numa_nodes.empty() && topology.llcs.empty() && topology.cores.empty());
  for (const auto& [key, lists] : parts) {
    for (const Field& list : field[key].items(kMostSeenCpus)) lists->push_back(list.cpu_list(kMostSeenCpus));
  }
  if (!field.has("distances")) return topology;
  for (const Field& row : field["distances"].items(kMostSeenCpus)) {
    std::vector<std::uint32_t>& distances = topology.distances.emplace_back();
    for (const std::uint64_t distance : row.counts(kMostSeenCpus))
      distances.push_back(
          static_cast<std::uint32_t>(std::min<std::uint64_t>(distance, 255)));  // of a byte in ACPI
  }
  return topology;
}

AgentResult read_result(const Field& top, const TestSpec& test) {
  static constexpr string_view kKeys[] = {
      "version",  "nonce",        "outcome", "message", "kernel_release", "topology",       "scheduler",
      "scenario", "bpf_programs", "dmesg",   "tasks",   "bpf_maps",       "scheduler_dump", "trace"};
  top.only(kKeys);
  if (top["version"].count() != 1) top["version"].fail("is not 1");
  AgentResult result;
  result.outcome = word_in<AgentOutcome>(top["outcome"]);
  result.nonce = top["nonce"].text(64);
  result.message = top["message"].text(kLongestLine);
  result.kernel_release = top["kernel_release"].text(256);
  if (!top["topology"].is_null()) result.topology = read_topology(top["topology"]);
  if (!top["scheduler"].is_null()) result.scheduler = read_rows<SchedulerReport>(top["scheduler"]);
  if (!top["scenario"].is_null()) result.scenario = read_scenario(top["scenario"], test, kMostSeenCpus);
  for (const Field& program : top["bpf_programs"].items(1024))
    result.bpf_programs.push_back(read_rows<BpfProgram>(program));
  if (top.has("tasks")) result.scene = read_guest_scene(top);  // an agent that ends early has not looked
  if (top.has("trace")) result.trace = top["trace"].text(kLongestTrace);
  if (top.has("dmesg"))
    result.dmesg = top["dmesg"].text(kLongestLog);  // only written when something went wrong
  return result;
}

}  // namespace

const std::vector<std::uint64_t>* WorkerReport::find_samples(std::string_view name) const {
  for (std::size_t d = 0; type != nullptr && d < samples.size(); ++d) {
    if (type->samples[d] == name) return &samples[d].kept;
  }
  return nullptr;
}

std::optional<AgentResult> read_agent_result(std::string_view text, const TestSpec& test,
                                             std::string& problem) {
  if (text.empty()) {
    problem = "the result is empty";
    return std::nullopt;
  }
  json::monotonic_resource memory;
  try {
    const json::value document =
        kit::read_json(text, "the result", {.max_depth = 16, .max_bytes = kLargestResult, .memory = &memory});
    return read_result(Field(document, ""), test);
  } catch (const Mistake& mistake) {
    problem = mistake.message();
  } catch (const ResultError& error) {
    problem = error.problem;
  }
  return std::nullopt;
}

}  // namespace ktstr::kvm
