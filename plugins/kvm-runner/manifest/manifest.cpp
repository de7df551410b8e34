// SPDX-License-Identifier: Apache-2.0
#include "manifest/manifest.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <ktstr/cpp/error.hpp>
#include <ktstr/cpp/names.hpp>
#include <ktstr/cpp/variants.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <ktstr/kit/read_file.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <numeric>
#include <set>

#include "manifest/expansion.hpp"
#include "manifest/expectation_reader.hpp"
#include "manifest/keys.hpp"
#include "manifest/names.hpp"
#include "manifest/online_cpus.hpp"
#include "manifest/scenario_reader.hpp"
#include "manifest/scheduler_spec.hpp"
#include "manifest/shared_parts.hpp"
#include "manifest/topology.hpp"
#include "manifest/work_memory.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::uintmax_t kLargestManifest = 4U << 20U;
constexpr std::uint32_t kMostMemoryMib = 1U << 20U;
constexpr std::size_t kLongestName = 120;
constexpr std::size_t kKernelArgumentBytes = 1024;  // the kernel's command line holds 2048, ours included
constexpr double kHuge = 1e15;

bool is_printable_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::vector<std::string> parse_kernel_args(const Located& located) {
  static constexpr std::string_view kOurs[] = {"ktstr.", "init=", "rdinit=", "memmap=", "mem=", "console="};
  std::vector<std::string> args;
  std::size_t bytes = 0;
  for (const Located& item : located.items(0, 64)) {
    std::string arg = item.text(256);
    if (!is_printable_word(arg))
      wrong(item.place, "a kernel argument without blanks and control characters", *item.value);
    for (const std::string_view ours : kOurs) {
      if (arg.starts_with(ours))
        refuse(item.place, "\"" + std::string(ours) + "…\" is set by the runner and cannot be given here");
    }
    if (arg == "--") refuse(item.place, "\"--\" would hand the rest to /init");
    bytes += arg.size() + 1;
    args.push_back(std::move(arg));
  }
  if (bytes > kKernelArgumentBytes)
    refuse(located.place, "together longer than " + std::to_string(kKernelArgumentBytes) + " bytes");
  return args;
}

std::vector<std::pair<std::string, std::string>> parse_sysctls(const Located& located) {
  std::vector<std::pair<std::string, std::string>> sysctls;
  for (const auto& [name, value] : located.members()) {
    const bool sound = !name.empty() && name.size() <= 128 && name.front() != '.' && name.back() != '.' &&
                       name.find("..") == std::string::npos &&
                       std::all_of(name.begin(), name.end(), is_name_character);
    if (!sound) refuse(value.place, "a sysctl is named like \"kernel.sched_rt_runtime_us\"");
    std::string text;
    if (value.value->is_int64()) {
      text = std::to_string(value.value->get_int64());
    } else {
      text = value.text(256);
      const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
      if (!plain || text.empty()) wrong(value.place, "a number or a line of plain text", *value.value);
    }
    sysctls.emplace_back(name, std::move(text));
  }
  if (sysctls.size() > 64) refuse(located.place, "more than 64 sysctls");
  return sysctls;
}

Limits parse_assert(const Located& located) {
  const StrictObject object(located, keys::assertions());
  Limits limits;
  for (std::size_t i = 0; i < kAssertions.size(); ++i) {
    const Assertion& row = kAssertions[i];
    const Located* found = object.find(row.name);
    if (found == nullptr) continue;
    if (row.kind == AssertionKind::kFlag) {
      if (found->boolean()) limits[i] = 1;
    } else if (row.kind == AssertionKind::kCount) {
      limits[i] = static_cast<double>(
          found->integer(static_cast<std::uint64_t>(row.min), static_cast<std::uint64_t>(row.max)));
    } else {
      limits[i] = found->number(row.min, row.max);
    }
  }
  return limits;
}

/// true, or {"reason": …, "outcome": …}.
std::optional<ExpectedFailure> parse_expected(const Located& located) {
  if (located.value->is_bool()) return located.boolean() ? std::optional(ExpectedFailure{}) : std::nullopt;
  static constexpr std::string_view kOutcomes[] = {"assertion", "attach_failed", "died", "ejected"};
  const StrictObject object(located, keys::kExpectFailure);
  ExpectedFailure expected;
  if (const Located* reason = object.find("reason")) expected.reason = reason->text(300);
  if (const Located* outcome = object.find("outcome"))
    expected.outcome = outcome->one_of(kOutcomes, "outcome");
  return expected;
}

/// "worst_gap_ms", or a cgroup's own figure: "web/max_gap_ms". What the metrics are called is the host's to
/// know; the cgroups are ours.
std::string parse_metric(const Located& located, const std::vector<Cgroup>& cgroups) {
  const std::string text = located.text(2 * kLongestName);
  const std::size_t slash = text.rfind('/');
  const boost::json::value rest(text.substr(slash == std::string::npos ? 0 : slash + 1));
  const std::string metric = parse_name({&rest, located.place}, kLongestName);
  if (slash == std::string::npos) return metric;
  std::vector<std::string> names;
  for (const Cgroup& cgroup : cgroups) names.push_back(cgroup.name);
  const std::string cgroup = text.substr(0, slash);
  if (std::find(names.begin(), names.end(), cgroup) == names.end()) {
    refuse(located.place,
           "\"" + printable_start(cgroup, 80) + "\" is no cgroup of this test" +
               sdk::did_you_mean(cgroup, names),
           "a metric of one cgroup is written CGROUP/METRIC");
  }
  return text;
}

std::vector<PerfDeltaAssertion> parse_perf_delta(const Located& located, const std::vector<Cgroup>& cgroups) {
  std::vector<PerfDeltaAssertion> assertions;
  for (const Located& item : located.items(0, 64)) {
    const StrictObject object(item, keys::kPerfDeltaAssertion);
    PerfDeltaAssertion assertion;
    assertion.metric = parse_metric(object.get("metric"), cgroups);
    if (const Located* found = object.find("direction"))
      assertion.direction = found->one_of(keys::kDirections, "direction");
    if (const Located* found = object.find("max_regression_pct"))
      assertion.max_regression_pct = found->number(0, 1e6);
    if (const Located* found = object.find("min_abs")) assertion.min_abs = found->number(0, kHuge);
    if (const Located* found = object.find("phase")) assertion.phase = found->text(64);  // a label: Step[1]
    assertions.push_back(std::move(assertion));
  }
  return assertions;
}

/// The places of one or of several values: "topology" or "topologies", never both. Nothing: the default.
std::vector<Located> one_or_several(const StrictObject& object, std::string_view one,
                                    std::string_view several) {
  const Located *single = object.find(one), *list = object.find(several);
  if (single != nullptr && list != nullptr) {
    refuse(list->place,
           "\"" + std::string(one) + "\" and \"" + std::string(several) + "\" exclude each other");
  }
  if (list != nullptr) return list->items(1, 64);
  return single != nullptr ? std::vector<Located>{*single} : std::vector<Located>{};
}

/// What is said, here or of each node, or what the guest and its workers need.
std::uint32_t parse_memory(const StrictObject& object, const TestSpec& test) {
  constexpr std::uint64_t kGuest = 160, kEachCpu = 16;  // MiB that the guest takes itself
  const std::uint64_t work = work_memory_mib(test.scenario);
  const Located* found = object.find("memory_mib");
  const std::vector<std::uint32_t>& of_nodes = test.topology.memory_mib;
  if (found == nullptr && of_nodes.empty()) {
    const std::uint64_t cpus = test.topology.cpus();
    const std::uint64_t needed =
        std::max({std::uint64_t{256}, cpus * 64, (kGuest + cpus * kEachCpu + work + 63) / 64 * 64});
    if (needed > kMostMemoryMib)
      refuse(object.place(),
             "its workers take " + std::to_string(work) + " MiB together, more than a guest has",
             "lower their sizes (\"cache_kib\", \"region_kib\", \"file_mib\") or their number");
    KTSTR_ASSERT(needed >= kGuest + cpus * kEachCpu + work);
    return static_cast<std::uint32_t>(needed);
  }
  if (found != nullptr && !of_nodes.empty())
    refuse(found->place, "the topology " + test.topology.text() + " says the memory of each node already");
  const std::uint64_t said = found != nullptr
                                 ? found->integer(256, kMostMemoryMib)
                                 : std::accumulate(of_nodes.begin(), of_nodes.end(), std::uint64_t{0});
  const std::string place = found != nullptr ? found->place : object.place() + ": topology";
  if (said < 256 || said > kMostMemoryMib)
    refuse(place, "its nodes have " + std::to_string(said) + " MiB together, and a guest from 256 to " +
                      std::to_string(kMostMemoryMib));
  if (said < work)
    refuse(place, "its workers take " + std::to_string(work) + " MiB together",
           "raise it, or leave it out: then it is as much as they need");
  return static_cast<std::uint32_t>(said);
}

/// "ktstr/load"; a name with a point might be one of the kernel's files.
std::string parse_root_cgroup(const Located& located) {
  constexpr std::size_t kLongest = 128;
  const std::string path = located.text(kLongest);
  const bool sound = !path.empty() && path.front() != '/' && path.back() != '/' &&
                     path.find("//") == std::string::npos &&
                     std::all_of(path.begin(), path.end(),
                                 [](char c) { return c == '/' || (c != '.' && is_name_character(c)); });
  if (!sound)
    wrong(located.place, "the path of a cgroup, of letters, digits, '_' and '-': \"ktstr/load\"",
          *located.value);
  return path;
}

/// Their metrics have the same form of names: "load.p99".
void check_names_of_programs(const StrictObject& object, const TestSpec& test) {
  for (const PayloadSpec& payload : test.payloads) {
    const SchedulerSpec* scheduler = test.find_scheduler(payload.name);
    if (scheduler != nullptr && !scheduler->metrics.empty())
      refuse(object.place(), "a payload and a scheduler with metrics are both named \"" + payload.name + '"',
             "give the payload another name");
  }
}

/// One variant: what depends on the topology is read anew for each.
TestSpec parse_variant(const StrictObject& object, const Topology& topology,
                       const std::optional<SchedulerSpec>& scheduler, const std::filesystem::path& manifest) {
  TestSpec test;
  test.manifest = manifest;
  test.name = parse_name(object.get("name"), kLongestName);
  test.topology = topology;
  test.scheduler = scheduler;
  if (const Located* found = object.find("kernel_args")) test.kernel_args = parse_kernel_args(*found);
  if (const Located* found = object.find("sysctls")) test.sysctls = parse_sysctls(*found);
  if (const Located* found = object.find("root_cgroup")) test.root_cgroup = parse_root_cgroup(*found);
  parse_scenario(object, online_cpus(test.topology, test.kernel_args), test);
  check_names_of_programs(object, test);
  test.memory_mib = parse_memory(object, test);
  KTSTR_ASSERT(test.payloads.size() == test.scenario.payloads.size());  // by the same index
  if (const Located* found = object.find("timeout_s")) test.timeout_s = found->integer(1, 86'400);
  if (const Located* found = object.find("performance_mode")) test.performance_mode = found->boolean();
  if (const Located* found = object.find("trace")) test.trace = found->boolean();
  if (const Located* found = object.find("start_attached")) test.start_attached = found->boolean();
  if (const Located* found = object.find("assert")) test.assertions = parse_assert(*found);
  if (const Located* found = object.find("expect")) test.expectations = parse_expectations(*found, test);
  if (const Located* found = object.find("expect_failure")) test.expect_failure = parse_expected(*found);
  if (const Located* found = object.find("perf_delta_assertions")) {
    test.perf_delta_assertions = parse_perf_delta(*found, test.scenario.cgroups);
    if (!test.perf_delta_assertions.empty() && !test.performance_mode) {
      refuse(found->place, "only a performance_mode test takes part in perf-delta",
             "add \"performance_mode\": true, or remove the assertions");
    }
  }
  return test;
}

/// Every scheduler on every topology.
std::vector<TestSpec> parse_test(const Located& located, bool root, const std::filesystem::path& manifest) {
  const StrictObject object(located, keys::kTest, root);
  std::vector<Topology> topologies;
  std::vector<std::optional<SchedulerSpec>> schedulers;
  const Located* several = object.find("topologies");
  if (several != nullptr && several->value->is_object() && object.find("topology") == nullptr) {
    topologies = parse_gauntlet(*several);
  } else {
    for (const Located& item : one_or_several(object, "topology", "topologies"))
      topologies.push_back(parse_topology(item));
  }
  for (const Located& item : one_or_several(object, "scheduler", "schedulers"))
    schedulers.push_back(parse_scheduler(item));
  if (topologies.empty()) topologies.emplace_back();
  if (schedulers.empty()) schedulers.emplace_back();
  std::vector<TestSpec> tests;
  for (const std::optional<SchedulerSpec>& scheduler : schedulers) {
    for (const Topology& topology : topologies)
      tests.push_back(parse_variant(object, topology, scheduler, manifest));
  }
  return tests;
}

/// Sorts by name and gives every variant its own.
void name_variants(std::vector<TestSpec>& tests) {
  std::vector<sdk::TestVariant> variants;
  for (const TestSpec& test : tests)
    variants.push_back({test.name, test.scheduler_name(), test.topology.text()});
  const std::vector<std::string> names = sdk::variant_names(variants);
  KTSTR_ASSERT(names.size() == tests.size());
  for (std::size_t i = 0; i < tests.size(); ++i) tests[i].variant = names[i];
  std::stable_sort(tests.begin(), tests.end(),
                   [](const TestSpec& a, const TestSpec& b) { return a.variant < b.variant; });
}

std::string read_manifest(const std::filesystem::path& path, const std::string& shown) {
  auto text = kit::read_file(path, kLargestManifest);
  if (text) return *std::move(text);
  if (text.error().kind == kit::Failure::Kind::kLimit)
    refuse(shown, "larger than " + std::to_string(kLargestManifest >> 20U) + " MiB",
           "is it a file of tests? Those of one project may stand in several");
  refuse(shown, "cannot be read: " + text.error().reason, "check the manifests listed in ktstr.json");
}

}  // namespace

std::vector<TestSpec> parse_manifest(std::string_view text, const std::string& shown,
                                     const std::filesystem::path& path,
                                     const boost::json::object& schedulers) {
  const boost::json::value shared(schedulers);
  const Located of_project{&shared, "runner kvm: option \"schedulers\""};
  const boost::json::value document = kit::read_json(text, shown, kit::for_people());
  const Located top{&document, shown};
  std::vector<TestSpec> tests;
  const auto add = [&](const WholeTest& whole, const std::string& place, bool root) {
    for (const boost::json::value& one : expand_test({&whole.test, place})) {
      for (TestSpec& test : parse_test({&one, place}, root, path)) {
        test.text = boost::json::serialize(one);
        test.assertion_layers = whole.layers;
        tests.push_back(std::move(test));
      }
    }
  };
  if (!document.is_object() || !document.get_object().contains("tests")) {
    add(with_shared(top, true, nullptr, {nullptr, &of_project}), top.place, true);
    return tests;
  }
  const StrictObject object(top, keys::kManifest, true);
  for (const Located& item : object.get("tests").items(1, 1024))
    add(with_shared(item, false, object.find("defaults"), {object.find("schedulers"), &of_project}),
        item.place, false);
  return tests;
}

std::vector<TestSpec> load_manifests(const std::vector<std::filesystem::path>& manifests,
                                     const std::filesystem::path& project_dir,
                                     const boost::json::object& schedulers) {
  const auto shown = [&](const std::filesystem::path& path) {
    const std::filesystem::path relative = path.lexically_relative(project_dir);
    const bool inside = !relative.empty() && *relative.begin() != "..";
    return printable_start((inside ? relative : path).string(), 300);
  };
  std::vector<TestSpec> all;
  for (const std::filesystem::path& path : manifests) {
    std::vector<TestSpec> tests =
        parse_manifest(read_manifest(path, shown(path)), shown(path), path, schedulers);
    std::move(tests.begin(), tests.end(), std::back_inserter(all));
  }
  name_variants(all);
  const auto twice = std::adjacent_find(
      all.begin(), all.end(), [](const TestSpec& a, const TestSpec& b) { return a.variant == b.variant; });
  if (twice != all.end()) {
    refuse(shown(std::next(twice)->manifest),
           "a test named \"" + twice->variant + "\" is declared already in " + shown(twice->manifest),
           "tests of one name differ in scheduler or topology: rename one");
  }
  return all;
}

}  // namespace ktstr::kvm
