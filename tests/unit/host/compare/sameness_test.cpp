// SPDX-License-Identifier: Apache-2.0
#include "compare/sameness.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace ktstr {
namespace {

SidecarRecord run(const std::string& scheduler, const std::string& manifest,
                  const std::string& kernel = "6.18") {
  SidecarRecord record;
  record.scheduler_sha256 = scheduler;
  record.manifest_sha256 = manifest;
  record.kernel = kernel;
  return record;
}

TEST(Sameness, OnlyWhatIsKnownToBeEqualIs) {
  struct Case {
    const char* what;
    SidecarRecord before, after;
    bool scheduler, program;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"all equal", run("s", "m"), run("s", "m"), true, true},
           {"another scheduler", run("s", "m"), run("t", "m"), false, false},
           {"another manifest", run("s", "m"), run("s", "n"), true, false},
           {"older writers know no manifest", run("s", ""), run("s", ""), true, false},
           {"the kernel's own scheduler", run("", "m"), run("", "m"), false, true},
           {"along the axis of kernels", run("s", "m", "6.14"), run("s", "m"), true, false}}) {
    const Sameness sameness = sameness_of({&c.before}, {&c.after, &c.after});
    EXPECT_EQ(sameness.scheduler, c.scheduler) << c.what;
    EXPECT_EQ(sameness.program, c.program) << c.what;
  }
  EXPECT_FALSE(sameness_of({}, {}).program);
}

// A saved guest that the cache had lost and that was made anew is another one.
TEST(Sameness, OneProgramInVirtualTimeMayHaveBegunInAnotherSavedGuest) {
  SidecarRecord one = run("s", "m"), other = one;
  one.template_id = "a-1", other.template_id = "a-2";
  EXPECT_FALSE(sameness_of({&one}, {&other}).other_start) << "real time repeats nothing anyway";
  one.time_source = other.time_source = "virtual";
  EXPECT_TRUE(sameness_of({&one}, {&other}).other_start);
  EXPECT_TRUE(sameness_of({&one, &other}, {&one, &other}).other_start);
  EXPECT_FALSE(sameness_of({&one}, {&one}).other_start);
  other.scheduler_sha256 = "t";
  EXPECT_FALSE(sameness_of({&one}, {&other}).other_start) << "it may have been attached there";
}

TEST(Overcommitted, InRealTimeOnly) {
  SidecarRecord record = run("s", "m");
  EXPECT_FALSE(any_overcommitted({&record}));
  record.vcpus = 4;
  record.cpu_budget = 2;
  record.time_source = "host";
  EXPECT_TRUE(any_overcommitted({&record}));
  record.time_source = "virtual";
  EXPECT_FALSE(any_overcommitted({&record}));
}

}  // namespace
}  // namespace ktstr
