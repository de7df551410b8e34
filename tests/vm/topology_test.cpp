// SPDX-License-Identifier: Apache-2.0
//
// Topologies as a program in the guest sees them, which the agent's own look is no part of.
#include <gmock/gmock.h>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

struct Shape {
  const char* topology;
  int nodes, llcs, cores, cpus;
};

/// Counts what sysfs tells; builtins of the shell alone.
constexpr const char* kCount = R"sh(unique() { seen=" "; n=0
  for value; do case $seen in *" $value "*) ;; *) seen="$seen$value "; n=$((n+1));; esac; done; echo $n; }
cores=; llcs=; cpus=0
for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
  read -r package < $cpu/topology/physical_package_id; read -r core < $cpu/topology/core_id
  read -r llc < $cpu/cache/index3/shared_cpu_list
  cores="$cores $package:$core"; llcs="$llcs $llc"; cpus=$((cpus+1))
done
echo "{\"nodes\": $(unique /sys/devices/system/node/node[0-9]*), \"llcs\": $(unique $llcs),"
echo "\"cores\": $(unique $cores), \"cpus\": $cpus}")sh";

json::object exactly(const char* name, int value) { return {{"json", name}, {"min", value}, {"max", value}}; }

json::object test_of(const Shape& shape) {
  const json::object metrics{{"nodes", exactly("nodes", shape.nodes)},
                             {"llcs", exactly("llcs", shape.llcs)},
                             {"cores", exactly("cores", shape.cores)},
                             {"cpus", exactly("cpus", shape.cpus)}};
  return {{"name", shape.topology},
          {"topology", shape.topology},
          {"duration_ms", 200},
          {"cgroups", {{{"name", "g"}, {"workers", 1}, {"work", {{"type", "SpinWait"}}}}}},
          {"payloads",
           {{{"name", "sysfs"}, {"binary", "/bin/sh"}, {"args", {"-c", kCount}}, {"metrics", metrics}}}}};
}

class TopologyVm : public VmCase {
 protected:
  void expect_from_inside(std::initializer_list<Shape> shapes) {
    json::array tests;
    for (const Shape& shape : shapes) tests.push_back(test_of(shape));
    const auto records = run(json::serialize(json::object{{"tests", tests}}), {{"deterministic", true}});
    EXPECT_EQ(status, KTSTR_OK) << error_text;
    EXPECT_EQ(records.size(), shapes.size());
    for (const auto& [name, record] : records)
      EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << name << ": " << record.message;
  }
};

TEST_F(TopologyVm, AProgramSeesTheNodesCachesCoresAndThreadsAskedFor) {
  expect_from_inside({{"1n1l2c1t", 1, 1, 2, 2}, {"1n2l2c2t", 1, 2, 4, 8}, {"2n4l2c1t", 2, 4, 8, 8}});
}

/// Numbers that show what is uneven: distances of a node one behind the other, its CPUs as a mask, its
/// memory, and who shares an LLC ("3-4" is 134). The shell reads no lists of CPUs that sysfs has as binary
/// attributes.
constexpr const char* kUneven = R"sh(cd /sys/devices/system; say() { echo "\"$1\": $2,"; }; echo "{"
list() { read -r cpus < $2; say $1 1${cpus%-*}${cpus#*-}; }
for node in 0 1 2; do
  read -r a b c < node/node$node/distance; say distances$node $a$b$c
  mask=0; for cpu in 0 1 2 3 4; do [ ! -e node/node$node/cpu$cpu ] || mask=$((mask | 1 << cpu)); done; say cpus$node $mask
  while read -r _ _ what kib _; do [ $what != MemTotal: ] || say mib$node $((kib / 1024)); done < node/node$node/meminfo
done
for cpu in 0 1 2 3 4; do list llc$cpu cpu/cpu$cpu/cache/index3/shared_cpu_list; done
list possible cpu/possible; echo "\"end\": 0}")sh";

/// Two LLCs of one core (of two threads and of one) on the first node, one of two cores on the second,
/// which has no memory, memory alone on the third.
TEST_F(TopologyVm, NodesCachesAndCoresNeedNotBeAlike) {
  const std::pair<const char*, int> kSeen[] = {
      {"distances0", 102030}, {"distances1", 201025}, {"distances2", 304010}, {"cpus0", 7},
      {"cpus1", 24},          {"cpus2", 0},           {"llc0", 101},          {"llc1", 101},
      {"llc2", 122},          {"llc3", 134},          {"llc4", 134},          {"possible", 104}};
  json::object metrics{{"mib1", exactly("mib1", 0)}, {"mib2", {{"json", "mib2"}, {"min", 55}, {"max", 64}}}};
  for (const auto& [name, value] : kSeen) metrics[name] = exactly(name, value);
  json::object test =
      json::parse(R"({"name": "uneven", "topology": {"llcs": [2, 1, 0], "cores_per_llc": [1, 1, 2],
    "threads_per_core": [2, 1, 1], "distances": [[10, 20, 30], [20, 10, 25], [30, 40, 10]], "memory_mib": [320, 0, 64]},
    "duration_ms": 300,
    "cgroups": [
      {"name": "one", "cpuset": {"llc": 1}, "workers": 1, "work": {"type": "PageFaultChurn", "region_kib": 256}},
      {"name": "far", "cpuset": {"node": 1}, "workers": 2, "work": {"type": "PageFaultChurn", "region_kib": 1024},
       "memory": "bind", "nodes": [2]},
      {"name": "each", "workers": 3, "work": {"type": "PageFaultChurn", "region_kib": 256}, "affinity": "llc"}],
    "assert": {"isolation": true, "not_stuck": true}})")
          .as_object();
  test["payloads"] = json::array{json::object{
      {"name", "sysfs"}, {"binary", "/bin/sh"}, {"args", {"-c", kUneven}}, {"metrics", metrics}}};
  const TestRecord record = run_one(json::serialize(test), {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.report;
  ASSERT_FALSE(record.sidecar.empty());
  const json::object sidecar = record.document();
  for (const json::value& cgroup : sidecar.at("stats").at("cgroups").as_array()) {
    if (cgroup.at("name").as_string() != "far") continue;
    EXPECT_GT(cgroup.at("page_locality").to_number<double>(), 0.9)
        << "its pages are on the node of memory alone";
  }
  EXPECT_EQ(sidecar.at("topology"), "3n2+1+0l1+1+2c2+1+1t20+30+20+25+30+40d320+0+64m");
}

TEST_F(TopologyVm, MoreThanQemuTakesIsRefusedBeforeTheBoot) {
  run(json::serialize(test_of({"2n2l64c2t", 2, 2, 128, 256})));
  EXPECT_NE(status, KTSTR_OK);
  EXPECT_THAT(error_text, ::testing::HasSubstr("256 CPUs are more than the 255"));
}

// Up to many minutes under emulation: ctest -C slow.
TEST_F(TopologyVm, SlowSixteenCpus) { expect_from_inside({{"4n8l2c1t", 4, 8, 16, 16}}); }

TEST_F(TopologyVm, SlowSixtyFourCpus) { expect_from_inside({{"2n8l8c1t", 2, 8, 64, 64}}); }

TEST_F(TopologyVm, SlowTwoHundredFiftyTwoCpus) { expect_from_inside({{"4n4l63c1t", 4, 4, 252, 252}}); }

}  // namespace
}  // namespace ktstr::vm
