// SPDX-License-Identifier: Apache-2.0
//
// Nodes are not trusted: whatever lies in result.json, reading it gives a result of that test or a Mistake.
#include "result.hpp"

#include <gmock/gmock.h>
#include <ktstr/abi/runner.h>

#include <cmath>
#include <ktstr/kit/json_reader.hpp>

namespace ktstr::slurm {
namespace {

using ::testing::HasSubstr;

const json::object kGood = {
    {"schema_version", 1},
    {"test", "wakeups"},
    {"outcome", "passed"},
    {"attempt", 1},
    {"duration_ns", 1500},
    {"message", ""},
    {"sidecar", {{"test_name", "wakeups"}, {"node", "a lie"}, {"value", 0.1}}},
    {"node", "kn2"},
    {"host", {{"arch", "x86_64"}}},
    {"host_before", {{"load_1m", 0.5}}},
    {"artifacts", {{{"name", "dump.json"}, {"type", "text/json"}, {"failure", true}}}}};

std::string with(const char* key, const json::value& value) {
  json::object object = kGood;
  object[key] = value;
  return to_text(json::value(object));
}

std::string mistake(const std::string& text) {
  try {
    read_result(text, "result.json", "wakeups");
  } catch (const Mistake& found) {
    return found.message();
  }
  return "";
}

TEST(TaskResult, IsWhatTheRunnerOnTheNodeSaid) {
  const TaskResult result = read_result(to_text(json::value(kGood)), "result.json", "wakeups");
  EXPECT_EQ(result.outcome, KTSTR_TEST_PASSED);
  EXPECT_EQ(result.duration_ns, 1500U);
  EXPECT_EQ(result.node, "kn2");
  ASSERT_EQ(result.artifacts.size(), 1U);
  EXPECT_EQ(result.artifacts[0].name, "dump.json");
  EXPECT_TRUE(result.artifacts[0].failure);
  const json::value sidecar = kit::read_json(result.sidecar, "sidecar");
  EXPECT_EQ(sidecar.at("node"), "kn2");  // the runner's own word for it does not count
  EXPECT_EQ(sidecar.at("host_before").at("load_1m"), 0.5);
  EXPECT_EQ(sidecar.at("value"), 0.1);
}

TEST(TaskResult, EveryOutcomeHasItsNumber) {
  const std::pair<const char*, std::uint32_t> outcomes[] = {{"passed", KTSTR_TEST_PASSED},
                                                            {"failed", KTSTR_TEST_FAILED},
                                                            {"skipped", KTSTR_TEST_SKIPPED},
                                                            {"inconclusive", KTSTR_TEST_INCONCLUSIVE},
                                                            {"error", KTSTR_TEST_ERROR}};
  for (const auto& [word, number] : outcomes)
    EXPECT_EQ(read_result(with("outcome", word), "r", "wakeups").outcome, number) << word;
}

TEST(TaskResult, ARunnerThatCouldNotRunIsAnError) {
  const std::string text =
      R"({"schema_version": 1, "test": "wakeups", "node": "kn2",
          "failure": {"code": 3, "message": "no /dev/kvm", "hint": "load it"}})";
  const TaskResult result = read_result(text, "r", "wakeups");
  EXPECT_EQ(result.outcome, KTSTR_TEST_ERROR);
  EXPECT_EQ(result.message, "no /dev/kvm\nfix: load it");
  EXPECT_EQ(result.node, "kn2");
  EXPECT_TRUE(result.sidecar.empty());
}

TEST(TaskResult, WhatIsNoResultIsRefusedWithItsPlace) {
  EXPECT_THAT(mistake(""), HasSubstr("result.json"));
  EXPECT_THAT(mistake("[]"), HasSubstr("object"));
  EXPECT_THAT(mistake(std::string(200, '[')), HasSubstr("result.json"));
  EXPECT_THAT(mistake(with("test", "other")), HasSubstr("a result of \"other\""));
  EXPECT_THAT(mistake(with("test", "\x1b[31m")), HasSubstr("\\x1b"));
  EXPECT_THAT(mistake(with("schema_version", 2)), HasSubstr("another version"));
  EXPECT_THAT(mistake(with("outcome", "flaky")), HasSubstr("outcome"));
  EXPECT_THAT(mistake(with("attempt", 0)), HasSubstr("attempt"));
  EXPECT_THAT(mistake(with("duration_ns", -1)), HasSubstr("duration_ns"));
  EXPECT_THAT(mistake(with("duration_ns", 1e300)), HasSubstr("duration_ns"));
  EXPECT_THAT(mistake(with("sidecar", "text")), HasSubstr("sidecar"));
  EXPECT_THAT(mistake(with("host", nullptr)), HasSubstr("host"));
  EXPECT_THAT(mistake(with("node", json::string(300, 'x'))), HasSubstr("node"));
  EXPECT_THAT(mistake(with("message", json::string((1 << 20) + 1, 'x'))), HasSubstr("message"));
  EXPECT_THAT(mistake(with("artifacts", json::array{json::object{{"name", "x"}}})), HasSubstr("artifacts"));
  EXPECT_THAT(mistake(with("more", 1)), HasSubstr("more"));
  EXPECT_THAT(mistake(R"({"test": "wakeups", "test": "wakeups"})"), HasSubstr("test"));
}

TEST(TaskProgress, IsALineAndAPart) {
  const TaskProgress progress = read_progress(R"({"text": "booting", "done": 0.25})");
  EXPECT_EQ(progress.text, "booting");
  EXPECT_EQ(progress.done, 0.25);
  EXPECT_TRUE(std::isnan(read_progress(R"({"text": "", "done": null})").done));
  for (const char* text : {"", "{}", R"({"text": "x", "done": 2})", R"({"text": 1, "done": 0})"})
    EXPECT_THROW(read_progress(text), Mistake) << text;
}

}  // namespace
}  // namespace ktstr::slurm
