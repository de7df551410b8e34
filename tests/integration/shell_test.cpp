// SPDX-License-Identifier: Apache-2.0
//
// What runners offer besides tests: a shell where they run, and schedulers loaded by themselves.
#include <fstream>

#include "project.hpp"

namespace ktstr::testing {
namespace {

class Shell : public ::testing::Test {
 protected:
  Project project;
};

TEST_F(Shell, OneCommandEndsWithItsStatus) {
  const ProgramResult result = project.ktstr({"shell", "alpha", "--exec", "exit 7"});
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.out, "ran exit 7\n");
  EXPECT_EQ(result.err, "a complaint\n");
  EXPECT_EQ(project.ktstr({"shell", "--exec", "true"}).exit_code, 0);
}

TEST_F(Shell, TheLineIsPrintedAndNothingStarts) {
  EXPECT_EQ(project.ktstr({"shell", "--dry-run"}).out, "fake-machine -name 'no test'\n");
  EXPECT_EQ(project.ktstr({"shell", "beta", "--dry-run"}).out, "fake-machine -name beta\n");
  const ProgramResult planned = project.ktstr({"test", "--dry-run", "alpha"});
  EXPECT_NE(planned.out.find("\n# alpha\nfake-machine -name alpha\n"), std::string::npos) << planned.out;
  const json::value rows = parsed(project.ktstr({"test", "--dry-run", "--json", "alpha"})).at("tests");
  EXPECT_EQ(rows.at(0).at("command"), "fake-machine -name alpha");
  EXPECT_EQ(project.ktstr({"test", "--list", "alpha"}).out.find("fake-machine"), std::string::npos);
}

TEST_F(Shell, WhatCannotBeIsSaid) {
  expect_error(project.ktstr({"shell"}), 2, {"a shell needs a terminal", "--exec CMD"});
  expect_error(project.ktstr({"shell", "a", "--exec", "x"}), 2,
               {"\"a\" is a part of 3 names", "alpha, beta, plain"});
  expect_error(project.ktstr({"shell", "alhpa", "--exec", "x"}), 2, {"did you mean \"alpha\"?"});
  expect_error(project.ktstr({"shell", "--exec", "x", "--kernel", "5.4"}), 3, {"5.4"});
  expect_error(project.ktstr({"shell", "--exec", ""}), 2, {"--exec: the value is empty"});
}

TEST_F(Shell, VerifiedInstructionsOfEachKernel) {
  project.tree.write("image", fake_bzimage("6.19.0 (a@b) #1 SMP"));
  EXPECT_EQ(project.ktstr({"kernel", "add", "../image"}).exit_code, 0);
  const ProgramResult one = project.ktstr({"verifier", "--kernel", "6.18"});
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(one.out,
            "verified instructions\n"
            "SCHEDULER  PROGRAM       6.18.2\n"
            "scx_demo   dispatch      100\n"
            "scx_demo   enqueue       200\n"
            "scx_demo   all programs  300\n");
  const ProgramResult two = project.ktstr({"verifier", "good", "bad", "--kernel", "6.18..6.19"});
  EXPECT_EQ(two.exit_code, 1);
  EXPECT_EQ(two.out,
            "verified instructions\n"
            "SCHEDULER  PROGRAM       6.18.2  6.19.0\n"
            "good       dispatch      100     100\n"
            "good       enqueue       200     250 (+25.0%)\n"
            "good       all programs  300     350 (+16.7%)\n"
            "bad        all programs  -       -\n"
            "\n"
            "bad does not load on 6.18.2: the BPF verifier refused enqueue: R1 is no pointer\n"
            "  0: (b7) r0 = 0\n"
            "  R1 is no pointer \\x1b[31m\n"
            "\n"
            "bad does not load on 6.19.0: the BPF verifier refused enqueue: R1 is no pointer\n"
            "  0: (b7) r0 = 0\n"
            "  R1 is no pointer \\x1b[31m\n");
  const json::value told = parsed(project.ktstr({"verifier", "--json"}));
  EXPECT_EQ(told.at("kernels").at(0).at("schedulers").at(0).at("programs").at(0).at("verified_insns"), 250);
}

TEST_F(Shell, WhoHoldsALock) {
  const ProgramResult nobody = project.ktstr({"locks"});
  EXPECT_EQ(nobody.exit_code, 0);
  EXPECT_EQ(nobody.out.find("target/ktstr"), std::string::npos);
  const fs::path run = project.directory() / "target/ktstr/.locks/6.18.2-abc1234.lock",
                 cpu = project.tree / "cache/runner-kvm/cpus/cpu0.lock";
  for (const auto& [what, lock] : {std::pair{"run", run}, {"cpus", cpu}}) {
    fs::create_directories(lock.parent_path());
    std::ofstream(lock).flush();
    Program program = project.program({"locks", "--json"});
    program.argv.insert(program.argv.begin(), {"flock", lock.string()});
    const ProgramResult held = run_program(program);
    bool found = false;
    const json::value rows = parsed(held).at("locks");
    for (const json::value& row : rows.as_array()) {
      if (row.at("path").as_string() != json::string_view(lock.string())) continue;
      found = true;
      EXPECT_EQ(row.at("what").as_string(), what);
      EXPECT_NE(std::string(row.at("holders").as_string()).find("flock"), std::string::npos);
    }
    EXPECT_TRUE(found) << held.out << held.err;
  }
}

}  // namespace
}  // namespace ktstr::testing
