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

}  // namespace
}  // namespace ktstr::agent
