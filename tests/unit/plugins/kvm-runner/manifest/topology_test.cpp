// SPDX-License-Identifier: Apache-2.0
#include "manifest/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/cpuset.hpp"
#include "manifest/online_cpus.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Topology said(const std::string& text) {
  const boost::json::value value = boost::json::parse(text);
  return parse_topology({&value, "topology"});
}

std::vector<std::uint32_t> uneven_cpus(const std::string& text, const Topology& topology) {
  const boost::json::value value = boost::json::parse(text);
  return parse_cpuset({&value, "cpuset"}, topology, online_cpus(topology, {}));
}

TEST(UnevenTopology, OneFormForWhatIsTheSame) {
  const std::pair<const char*, const char*> kRows[] = {
      {R"({"llcs": 2, "cores_per_llc": [3, 1], "threads_per_core": 1})", "1n2l3+1c1t"},
      {R"("1n2l2+2c1+1t")", "1n2l2c1t"},
      {R"({"llcs": [1, 1], "cores_per_llc": 2})", "2n2l2c1t"},
      {R"({"llcs": [2, 1, 0], "cores_per_llc": [3, 1, 2], "threads_per_core": [2, 1, 1]})",
       "3n2+1+0l3+1+2c2+1+1t"},
      {R"({"numa_nodes": 2, "llcs": 2, "distances": 21})", "2n2l2c1t21d"},
      {R"({"numa_nodes": 2, "llcs": 2, "distances": [[10, 21], [21, 10]]})", "2n2l2c1t21d"},
      {R"({"numa_nodes": 3, "llcs": 3, "distances": [[10, 20, 30], [20, 10, 20], [30, 20, 10]]})",
       "3n3l2c1t20+30+20d"},
      {R"({"numa_nodes": 2, "llcs": 2, "distances": [[10, 21], [31, 10]]})", "2n2l2c1t21+31d"},
      {R"("3n3l1c1t20+30+20+20+30+20d")", "3n3l1c1t20+30+20d"},
      {R"({"numa_nodes": 2, "llcs": [1, 0], "cores_per_llc": 2, "memory_mib": [256, 128]})",
       "2n1+0l2c1t256+128m"},
      {R"("2n2l1c1t40d128m")", "2n2l1c1t40d128+128m"},
  };
  for (const auto& [text, canonical] : kRows) {
    const Topology topology = said(text);
    EXPECT_EQ(topology.text(), canonical) << text;
    EXPECT_EQ(said('"' + topology.text() + '"'), topology) << text;
  }
}

TEST(UnevenTopology, CpusAreCountedAsTheyLie) {
  const Topology topology = said(R"("3n2+1+0l3+1+2c2+1+1t")");
  EXPECT_EQ(topology.cpus(), 9U);
  EXPECT_EQ(topology.cores(), 6U);
  EXPECT_TRUE(topology.uneven());
  EXPECT_THAT(topology.cpus_of_llc(0), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(topology.cpus_of_llc(1), ElementsAre(6));
  EXPECT_THAT(topology.cpus_of_node(0), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(topology.cpus_of_node(1), ElementsAre(7, 8));
  EXPECT_THAT(topology.cpus_of_node(2), IsEmpty());
  EXPECT_THAT(topology.cpus_of_core(2), ElementsAre(4, 5));
  EXPECT_THAT(topology.cpus_of_core(5), ElementsAre(8));
  EXPECT_THAT(online_cpus(topology, {"nosmt"}), ElementsAre(0, 2, 4, 6, 7, 8));
  EXPECT_THAT(online_cpus(topology, {"maxcpus=4"}), ElementsAre(0, 1, 2, 3));
  EXPECT_FALSE(said(R"("3n3l1c1t20+30+20d128+64+64m")").uneven()) << "every place has its CPU";
}

TEST(UnevenTopology, CpusetsFollowIt) {
  EXPECT_THAT(samples::error_of([&] { uneven_cpus(R"({"node": 1})", said(R"("2n2+0l2+1c1t")")); }),
              HasSubstr("cpuset.node: this NUMA node has memory and no CPUs"));
  EXPECT_THAT(uneven_cpus(R"({"llc": 1})", said(R"("1n2l3+1c1t")")), ElementsAre(3));
  EXPECT_THAT(uneven_cpus(R"({"llc": 0})", said(R"("1n2l3+1c1t")")), ElementsAre(0, 1, 2));
  EXPECT_THAT(uneven_cpus(R"({"part": [1, 2]})", said(R"("1n2l3+1c1t")")), ElementsAre(2, 3))
      << "of all CPUs";
}

TEST(UnevenTopology, MistakesAreNamed) {
  const std::pair<const char*, const char*> kRows[] = {
      {R"("1n2l3+1+1c1t")", "topology: 3 numbers in \"cores_per_llc\" for 2 LLCs"},
      {R"("2n1+1+1l1c1t")", "topology: 3 numbers in \"llcs\" for 2 NUMA nodes"},
      {R"("2n0+0l1c1t")", "topology: no LLC, and so no CPU"},
      {R"("1n1l1c1t20d")", "topology: one NUMA node has no distances"},
      {R"("3n3l1c1t20+30d")", "topology: 2 distances for 3 NUMA nodes"},
      {R"("2n2l1c1t10d")", "topology: a distance of 10 is a node's to itself"},
      {R"("2n2l1c1t9d")", "topology: \"distances\" of a topology is from 10 to 254"},
      {R"("2n2l1c1t255d")", "topology: \"distances\" of a topology is from 10 to 254"},
      {R"("2n2l1c1t64+256m")", "topology: the first NUMA node has less than 128 MiB"},
      {R"("2n2l1c1t128+32m")", "topology: NUMA node 1 has less than 64 MiB"},
      {R"("2n1+0l1c1t128+0m")", "topology: NUMA node 1 has neither CPUs nor memory"},
      {R"("1n2l0+1c1t")", "topology: \"cores_per_llc\" of a topology is from 1"},
      {R"("1n2l200+1c1t")",
       "topology: 400 places for CPUs (as if all were as large as the largest) are more than the 255"},
      {R"("1n2l3+c1t")", "topology: expected a topology such as"},
      {R"("1n1l1c1t128m20d")", "topology: expected a topology such as"},
      {R"({"numa_nodes": 2, "llcs": 2, "distances": [[10, 20], [20, 11]]})",
       "topology.distances[1][1]: a node's distance to itself is 10"},
      {R"({"numa_nodes": 3, "llcs": 3, "distances": [[10, 20], [20, 10]]})",
       "topology: 2 distances for 3 NUMA nodes"},
      {R"({"numa_nodes": [2], "llcs": 2})", "topology.numa_nodes: expected a number"},
      {R"({"cpu_capacity": [1024, 512]})", "topology.cpu_capacity: guests on x86 have CPUs of one capacity"},
  };
  for (const auto& [text, message] : kRows)
    EXPECT_THAT(samples::error_of([&text = text] { said(text); }), HasSubstr(message)) << text;
}

}  // namespace
}  // namespace ktstr::kvm
