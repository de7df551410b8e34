// SPDX-License-Identifier: Apache-2.0
#include "runner/shell.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/terminal.hpp"
#include "runner/verify.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Shell, IsAPayloadThatIsWaitedFor) {
  ShellWish wish;
  wish.command = "exit '7'";
  const TestSpec test = shell_test(wish, nullptr);
  EXPECT_FALSE(test.has_schedulers());
  ASSERT_EQ(test.scenario.payloads.size(), 1U);
  EXPECT_FALSE(test.scenario.payloads[0].at_start);
  EXPECT_THAT(test.scenario.payloads[0].environment, Contains("KTSTR_COMMAND=exit '7'"));
  ASSERT_EQ(test.scenario.steps.size(), 1U);
  EXPECT_EQ(test.scenario.steps[0].operations.size(), 2U);
  EXPECT_EQ(test.topology, Topology{});
}

TEST(Shell, HasTheMachineOfItsTest) {
  TestSpec of =
      samples::test(R"({"name": "t", "topology": "1n2l2c1t", "memory_mib": 900, "kernel_args": ["quiet"],
    "sysctls": {"kernel.x": "1"}, "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]})");
  const TestSpec like = shell_test({}, &of);
  EXPECT_EQ(like.topology.text(), "1n2l2c1t");
  EXPECT_EQ(like.memory_mib, 900U);
  EXPECT_THAT(like.kernel_args, ElementsAre("quiet"));
  EXPECT_EQ(like.sysctls, of.sysctls);
  ShellWish other;
  other.topology = "1n1l1c1t";
  EXPECT_EQ(shell_test(other, &of).topology.text(), "1n1l1c1t");
  other.topology = "seven";
  EXPECT_THROW(shell_test(other, &of), kit::Mistake);
}

TEST(Shell, CtrlAIsAPrefix) {
  TypedKeys keys;
  std::string out;
  EXPECT_TRUE(keys.type("ls\r", out));
  EXPECT_EQ(out, "ls\r");
  out.clear();
  EXPECT_TRUE(keys.type("\x01\x01", out));
  EXPECT_EQ(out, "\x01");
  out.clear();
  EXPECT_TRUE(keys.type("\x01", out));
  EXPECT_TRUE(keys.type("c", out)) << "the prefix is its own";
  EXPECT_EQ(out,
            "\x01"
            "c");
  out.clear();
  EXPECT_TRUE(keys.type("a\x01", out));
  EXPECT_FALSE(keys.type("xrest", out));
  EXPECT_EQ(out, "a");
}

std::vector<std::string> names(const std::vector<TestSpec>& tests) {
  std::vector<std::string> out;
  for (const TestSpec& test : tests) out.push_back(test.variant + "=" + test.scheduler->binary.string());
  return out;
}

TEST(Verifier, SchedulersAreNamedOrPrograms) {
  const samples::TemporaryDirectory project;
  project.write("build/scx_new", "x");
  const std::vector<TestSpec> tests{samples::test(
      R"({"name": "t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}],
          "scheduler": {"name": "mine", "binary": "build/mine", "args": ["--fast"]}})")};
  const json::object declared{{"theirs", {{"binary", "build/theirs"}}}};
  EXPECT_THAT(names(verifying_tests({}, tests, declared, project.path())),
              ElementsAre("mine=build/mine", "theirs=build/theirs"));
  const auto chosen = verifying_tests({"build/scx_new", "mine"}, tests, declared, project.path());
  EXPECT_THAT(names(chosen), ElementsAre("build/scx_new=build/scx_new", "mine=build/mine"));
  EXPECT_THAT(chosen[1].scheduler->args, ElementsAre("--fast"));
  try {
    verifying_tests({"mien"}, tests, declared, project.path());
    FAIL();
  } catch (const kit::Mistake& mistake) {
    EXPECT_THAT(mistake.message(), HasSubstr("neither a scheduler of the project nor a program"));
    EXPECT_THAT(mistake.message(), HasSubstr("mine"));
  }
  EXPECT_THROW(verifying_tests({}, {}, {}, project.path()), kit::Mistake);
}

}  // namespace
}  // namespace ktstr::kvm
