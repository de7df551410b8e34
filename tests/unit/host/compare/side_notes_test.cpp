// SPDX-License-Identifier: Apache-2.0
#include "compare/side_notes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SidecarRecord run(const std::string& commit, std::int64_t budget = 2) {
  SidecarRecord record;
  record.test = "t";
  record.topology = "1n";
  record.project_commit = commit;
  record.vcpus = 2;
  record.cpu_budget = budget;
  return record;
}

TEST(SideNotes, ShowsMixedCommits) {
  EXPECT_EQ(shown_commits({"abc1234"}), "abc1234");
  EXPECT_EQ(shown_commits({"abc1234-dirty"}), "abc1234-dirty");
  EXPECT_EQ(shown_commits({"abc1234", "abc1234-dirty"}), "abc1234+mixed");
  EXPECT_EQ(shown_commits({"abc1234", "abc1234-dirty", "def5678"}), "abc1234+mixed | def5678");
}

TEST(SideNotes, TellsWeaknesses) {
  const SidecarRecord clean = run("abc1234"), dirty = run("abc1234-dirty"), tight = run("abc1234", 1);
  SidecarRecord kernel = clean;
  kernel.kernel_commit = "fff0000-dirty";
  EXPECT_THAT(weaknesses({&clean}, {&clean}, true), IsEmpty());
  EXPECT_THAT(
      weaknesses({&clean}, {&dirty}, true),
      ElementsAre(HasSubstr("uncommitted changes: project abc1234-dirty; every such run overwrites")));
  EXPECT_THAT(weaknesses({&clean}, {&dirty}, false), IsEmpty());  // fresh runs overwrite nothing
  EXPECT_THAT(weaknesses({&kernel}, {&clean}, true), ElementsAre(HasSubstr("kernel source fff0000-dirty")));
  EXPECT_THAT(
      weaknesses({&clean, &dirty}, {&clean}, false),
      ElementsAre("the baseline mixes runs of a commit and of uncommitted changes on it: abc1234+mixed"));
  EXPECT_THAT(weaknesses({&tight}, {&tight}, true),
              ElementsAre(HasSubstr("the baseline was overcommitted: t (2 guest CPUs on 1)"),
                          HasSubstr("HEAD was overcommitted")));
  EXPECT_THAT(
      weaknesses({&clean}, {&tight}, true),
      ElementsAre(HasSubstr("HEAD was overcommitted"), "runs with different CPU budgets are compared: t 1n"));
}

TEST(SideNotes, TellWhenTheHostWasBusierUnlessTimeIsVirtual) {
  SidecarRecord quiet = run("abc1234"), busy = quiet;
  quiet.host_readings.load = 0;
  busy.host_readings.load = 7;
  EXPECT_THAT(weaknesses({&quiet}, {&busy}, true),
              ElementsAre(HasSubstr("the host was busier while HEAD ran: load 0.0 -> 7.0")));
  busy.time_source = quiet.time_source = "virtual";
  EXPECT_THAT(weaknesses({&quiet}, {&busy}, true), IsEmpty());
}

}  // namespace
}  // namespace ktstr
