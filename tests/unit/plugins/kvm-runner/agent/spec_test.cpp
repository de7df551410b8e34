// SPDX-License-Identifier: Apache-2.0
#include "agent/spec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string spec_with(const std::string& scheduler) {
  return R"({"version": 1, "nonce": "00ff", "seed": 1, "duration_ms": 10, "latency_reservoir": 10, "files": [], "sysctls": [], "scheduler": )" +
         scheduler +
         R"(, "cgroups": [{"name": "g", "cpuset": null, "workers": 3, "work": {"type": "SpinWait", "units": 64}}]})";
}

TEST(Spec, ASchedulerHasEnvironmentAndWatchdog) {
  std::string error;
  const auto spec =
      parse_spec(spec_with(R"({"name": "demo", "argv": ["/x"], "env": ["A=b=c"], "attach_timeout_ms": 5,
                                             "watchdog_timeout_ms": 700, "watchdog_always": true})"),
                 1 << 20, error);
  ASSERT_TRUE(spec) << error;
  EXPECT_THAT(spec->scheduler->environment, ElementsAre("A=b=c"));
  EXPECT_EQ(spec->scheduler->watchdog_timeout_ms, 700U);
  EXPECT_TRUE(spec->scheduler->watchdog_always);
  EXPECT_EQ(spec->total_workers(), 3U);
}

TEST(Spec, WhatIsWrongIsNamed) {
  std::string error;
  EXPECT_FALSE(parse_spec(spec_with(R"({"name": "demo", "argv": ["/x"], "env": ["A"], "attach_timeout_ms": 5,
                                        "watchdog_timeout_ms": 700, "watchdog_always": true})"),
                          1 << 20, error));
  EXPECT_THAT(error, HasSubstr("env[] is not NAME=value"));
  EXPECT_FALSE(parse_spec(spec_with(R"({"name": "demo", "argv": ["/x"], "env": [], "attach_timeout_ms": 5,
                                        "watchdog_timeout_ms": 700, "watchdog_always": 1})"),
                          1 << 20, error));
  EXPECT_THAT(error, HasSubstr("watchdog_always is not true or false"));
}

const char* const kWhole = R"({"version": 1, "nonce": "00ff", "seed": 18446744073709551615, "duration_ms": 10,
  "latency_reservoir": 10, "files": [{"path": "/opt/x", "mode": 493, "offset": 4096, "size": 100}],
  "sysctls": ["kernel.x=1=2"], "scheduler": null,
  "cgroups": [{"name": "g", "cpuset": [0, 3], "workers": 6, "work": {"type": "FutexFanOut", "fan_out": 2, "units": 5}}]})";

TEST(Spec, EveryPartArrives) {
  std::string error;
  const auto spec = parse_spec(kWhole, 1 << 20, error);
  ASSERT_TRUE(spec) << error;
  EXPECT_EQ(spec->seed, 18446744073709551615ULL);
  EXPECT_EQ(spec->files.at(0).mode, 0755U);
  EXPECT_EQ(spec->files.at(0).offset, 4096U);
  EXPECT_THAT(spec->sysctls, ElementsAre(std::pair<std::string, std::string>("kernel.x", "1=2")));
  EXPECT_THAT(*spec->cgroups.at(0).cpuset, ElementsAre(0U, 3U));
  EXPECT_EQ(spec->cgroups.at(0).parameter("fan_out"), 2U);
  EXPECT_EQ(spec->cgroups.at(0).parameter("units"), 5U);
  EXPECT_EQ(spec->cgroups.at(0).parameter("interval_us"), 0U) << "no parameter of this type";
}

TEST(Spec, EachBoundIsKept) {
  const std::tuple<const char*, const char*, const char*> kRows[] = {
      {"\"version\": 1", "\"version\": 0", "version is not 1"},
      {"00ff", "00fg", "nonce is not hexadecimal"},
      {"/opt/x", "/opt/../x", "is not a clean absolute path"},
      {"/opt/x", "opt/x", "is not a clean absolute path"},
      {"\"offset\": 4096", "\"offset\": 1048577", "offset"},
      {"\"size\": 100", "\"size\": 1044481", "size"},
      {"kernel.x=1=2", "=1", "is not name=value"},
      {"[0, 3]", "[]", "cpuset is empty"},
      {"[0, 3]", "[-1]", "cpuset holds something that is no CPU"},
      {"\"workers\": 6", "\"workers\": 5", "workers is not a multiple of 3"},
      {"\"workers\": 6", "\"workers\": 0", "workers is not a multiple of 3"},
      {"FutexFanOut", "Dance", "\"Dance\" is not known"},
      {"\"units\": 5", "\"units\": 0", "units is too small"},
      {"\"name\": \"g\"", "\"name\": \"../g\"", "name is not a usable name"},
      {"\"seed\"", "\"sead\"", "seed"},
  };
  for (const auto& [from, to, message] : kRows) {
    std::string text = kWhole, error;
    text.replace(text.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(parse_spec(text, 1 << 20, error)) << to;
    EXPECT_THAT(error, HasSubstr(message));
  }
}

TEST(Spec, OnlyPlainAbsolutePathsAreClean) {
  for (const char* path : {"/a", "/a/b.c", "/opt/ktstr/x-1_2"}) EXPECT_TRUE(is_clean_path(path)) << path;
  for (const char* path : {"", "/", "a", "/a/", "//a", "/a//b", "/./a", "/a/..", "/../a"})
    EXPECT_FALSE(is_clean_path(path)) << path;
  EXPECT_FALSE(is_clean_path(std::string("/a\0b", 4)));
  EXPECT_FALSE(is_clean_path("/" + std::string(4000, 'a')));
}

}  // namespace
}  // namespace ktstr::agent
