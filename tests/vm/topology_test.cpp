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
