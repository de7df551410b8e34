// SPDX-License-Identifier: Apache-2.0
#include "manifest/cpuset.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/online_cpus.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Topology kSixteen{2, 4, 2, 2};  // CPUs 0-7 are node 0, 0-3 LLC 0

std::vector<std::uint32_t> cpus_said(const std::string& text, const Topology& topology = kSixteen,
                                     const std::vector<std::string>& kernel_args = {}) {
  const boost::json::value value = boost::json::parse(text);
  return parse_cpuset({&value, "cpuset"}, topology, online_cpus(topology, kernel_args));
}

std::string wrong_cpus(const std::string& text, const std::vector<std::string>& kernel_args = {}) {
  return samples::error_of([&] { cpus_said(text, kSixteen, kernel_args); });
}

TEST(Cpuset, EveryForm) {
  EXPECT_THAT(cpus_said("[3, 1]"), ElementsAre(1, 3));
  EXPECT_THAT(cpus_said("null"), IsEmpty());
  EXPECT_THAT(cpus_said(R"({"llc": 1})"), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(cpus_said(R"({"node": 1})"), ElementsAre(8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_THAT(cpus_said(R"({"range": [0.25, 0.5]})"), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(cpus_said(R"({"range": [0, 1]})").size(), 16U);
  EXPECT_THAT(cpus_said(R"({"part": [1, 4]})"), ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(cpus_said(R"({"overlap": [1, 4, 0.5]})"), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(cpus_said(R"({"overlap": [0, 4, 0.5]})"), ElementsAre(0, 1, 2, 3, 4, 5))
      << "it ends where the CPUs do";
  EXPECT_THAT(cpus_said(R"({"overlap": [3, 4, 1]})"), ElementsAre(8, 9, 10, 11, 12, 13, 14, 15));
  EXPECT_EQ(cpus_said(R"({"overlap": [2, 5, 0]})"), cpus_said(R"({"part": [2, 5]})"));
}

TEST(Cpuset, PartsAreDisjointAndTogetherAll) {
  for (std::uint32_t parts = 1; parts <= 16; ++parts) {
    std::vector<std::uint32_t> together;
    for (std::uint32_t i = 0; i < parts; ++i) {
      const auto part = cpus_said("{\"part\": [" + std::to_string(i) + ", " + std::to_string(parts) + "]}");
      together.insert(together.end(), part.begin(), part.end());
    }
    EXPECT_EQ(together, cpus_said(R"({"range": [0, 1]})")) << parts;
  }
}

TEST(Cpuset, ARangeHasOneCpuAtLeast) {
  const Topology one{1, 1, 1, 1};
  EXPECT_THAT(cpus_said(R"({"range": [0.9, 1]})", one), ElementsAre(0));
  EXPECT_THAT(cpus_said(R"({"range": [0.01, 0.02]})"), ElementsAre(0));
  EXPECT_THAT(cpus_said(R"({"range": [0.99, 1]})"), ElementsAre(15));
}

TEST(Cpuset, MistakesAreNamed) {
  const std::pair<const char*, const char*> kRows[] = {
      {"[16]", "cpuset[0]: expected an integer from 0 to 15, found 16"},
      {"[1, 1]", "cpuset[1]: this CPU is listed twice"},
      {"[]", "cpuset: expected at least 1 item"},
      {"7", "cpuset: expected an array of CPU numbers, {\"llc\": i}"},
      {"{}", "cpuset: expected an array of CPU numbers"},
      {R"({"llc": 4})", "cpuset.llc: expected an integer from 0 to 3, found 4"},
      {R"({"node": 2})", "cpuset.node: expected an integer from 0 to 1, found 2"},
      {R"({"llc": 0, "node": 0})", "\"llc\" and \"node\" exclude each other"},
      {R"({"lcl": 0})", "unknown key \"lcl\" (did you mean \"llc\"?)"},
      {R"({"range": [0.5, 0.5]})", "cpuset.range: the range ends before it begins"},
      {R"({"range": [0.5, 1.5]})", "cpuset.range[1]: expected a number from 0.0 to 1.0"},
      {R"({"part": [4, 4]})", "cpuset.part[0]: expected an integer from 0 to 3, found 4"},
      {R"({"part": [0, 17]})", "cpuset.part[1]: expected an integer from 1 to 16, found 17"},
      {R"({"part": [0]})", "cpuset.part: expected at least 2 items"},
      {R"({"overlap": [0, 2]})", "cpuset.overlap: expected at least 3 items"},
      {R"({"overlap": [0, 2, 1.5]})", "cpuset.overlap[2]: expected a number from 0.0 to 1.0"}};
  for (const auto& [text, message] : kRows) EXPECT_THAT(wrong_cpus(text), HasSubstr(message)) << text;
}

TEST(Cpuset, OneCpuAtLeastComesUp) {
  EXPECT_THAT(wrong_cpus("[1, 3]", {"nosmt"}), HasSubstr("all of these CPUs stay offline"));
  EXPECT_THAT(cpus_said("[1, 2]", kSixteen, {"nosmt"}), ElementsAre(1, 2));
}

}  // namespace
}  // namespace ktstr::kvm
