// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/machine_checks.hpp"
#include "doctor/runner_checks.hpp"
#include "show/doctor.hpp"

namespace ktstr {
namespace {

using ::testing::HasSubstr;

MachineFacts good() {
  MachineFacts facts;
  facts.cpus = 8;
  facts.load_1m = 0.4;
  facts.available_memory = 16ULL << 30;
  facts.governors = {{"cpu0", "performance"}};
  facts.shared_memory = MachineFacts::Room{8ULL << 30, 8ULL << 30};
  facts.real_time = true;
  return facts;
}

/// The one check that is not fine, and has something to do about it.
Check only_warning(const MachineFacts& facts) {
  std::optional<Check> found;
  for (const Check& check : machine_checks(facts)) {
    if (check.state == CheckState::kOk) continue;
    EXPECT_FALSE(found) << check.name << " as well as " << found->name;
    EXPECT_NE(check.fix, "") << check.name;
    found = check;
  }
  EXPECT_TRUE(found);
  return found.value_or(Check{});
}

TEST(MachineChecks, AGoodMachineIsFine) {
  EXPECT_EQ(state_of(machine_checks(good())), CheckState::kOk);
  MachineFacts silent;
  silent.shared_memory = MachineFacts::Room{8ULL << 30, 8ULL << 30};
  silent.real_time = true;
  EXPECT_EQ(state_of(machine_checks(silent)), CheckState::kOk) << "what nobody can tell is no fault";
}

TEST(MachineChecks, WhatMakesNumbersBadIsToldWithItsFix) {
  MachineFacts facts = good();
  facts.load_1m = 4;
  EXPECT_EQ(only_warning(facts).found, "4.0 on 8 CPUs: figures in real time will be noisy");
  facts = good();
  facts.governors.emplace_back("cpu1", "powersave");
  EXPECT_EQ(only_warning(facts).found, "performance, powersave: clock speeds change while tests run");
  facts = good();
  facts.available_memory = 300ULL << 20;
  EXPECT_EQ(only_warning(facts).found, "300 MiB available");
  facts = good();
  facts.shared_memory = MachineFacts::Room{64ULL << 20, 60ULL << 20};
  EXPECT_EQ(only_warning(facts).found, "60 MiB free of 64 MiB");
  facts.shared_memory.reset();
  EXPECT_EQ(only_warning(facts).name, "/dev/shm");
  facts = good();
  facts.real_time = false;
  EXPECT_EQ(only_warning(facts).name, "real time");
}

TEST(MachineChecks, RoomIsThatOfTheNearestDirectory) {
  EXPECT_TRUE(room_of("/tmp/there/is/none/of/this/name"));
  EXPECT_EQ(bytes_text(1536ULL << 20), "1.5 GiB");
}

TEST(Probe, WhatARunnerFound) {
  const auto checks = read_probe(
      R"({"checks": [{"name": "board", "state": "warn", "found": "one of two", "fix": "plug it in"},
                     {"name": "link", "state": "ok", "found": "1 Gb/s"}]})",
      "runner board");
  ASSERT_TRUE(checks) << checks.error().message;
  ASSERT_EQ(checks->size(), 2U);
  EXPECT_EQ(checks->front().state, CheckState::kWarn);
  EXPECT_EQ(checks->front().subject, "runner board");
  EXPECT_EQ(checks->front().fix, "plug it in");
}

TEST(Probe, AMistakeOfTheRunnerIsToldWithItsPlace) {
  for (const auto& [text, told] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "not valid JSON"},
           {"[]", "expected an object, found an array"},
           {R"({"checks": {}})", "checks: expected an array, found an object"},
           {R"({"checks": [1]})", "checks[0]: expected an object"},
           {R"({"checks": [{"state": "ok"}]})", "checks[0]: \"name\" is missing"},
           {R"({"checks": [{"name": "x", "state": "good"}]})", "checks[0].state: unknown state \"good\""},
           {R"({"checks": [{"name": "x", "state": "ok", "found": 1}]})",
            "checks[0].found: expected a string"},
       }) {
    const auto checks = read_probe(text, "runner x");
    ASSERT_FALSE(checks) << text;
    EXPECT_EQ(checks.error().code, ExitCode::kPlugin);
    EXPECT_THAT(checks.error().message, HasSubstr(told)) << text;
  }
}

TEST(Doctor, ShowsTheFixOfWhatIsNotFine) {
  const Checks checks = {{"machine", "load", CheckState::kOk, "0.1", ""},
                         {"machine", "governor", CheckState::kWarn, "power\x1b[2Jsave", "set it"},
                         {"project", "tests", CheckState::kFail, "none", "write one"}};
  EXPECT_EQ(doctor_text(checks, false, 0),
            "machine\n"
            "  ok    load      0.1\n"
            "  warn  governor  power\\x1b[2Jsave\n"
            "                  fix: set it\n"
            "project\n"
            "  FAIL  tests     none\n"
            "                  fix: write one\n"
            "1 check is fine, 1 warning, 1 failure\n");
  const json::object document = doctor_json(checks);
  EXPECT_EQ(document.at("state"), "fail");
  EXPECT_TRUE(document.at("checks").at(0).at("fix").is_null());
}

}  // namespace
}  // namespace ktstr
