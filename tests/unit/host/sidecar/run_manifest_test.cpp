// SPDX-License-Identifier: Apache-2.0
#include "sidecar/run_manifest.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "support/json.hpp"

namespace ktstr {
namespace {

PlannedTest planned(const std::string& name, const std::string& outcome, bool selected = true) {
  return {name, "1n1l2c1t", "eevdf", "SpinWait",
          true, selected,   outcome, outcome == "passed" || outcome.empty() ? "" : "because"};
}

RunManifest manifest(const std::string& started, const std::string& ended, std::vector<PlannedTest> tests) {
  return {"session-" + started, started, ended, "6.18.2", "abc1234", "kvm", "host", std::move(tests)};
}

std::string problem_of(std::string_view text) {
  const auto parsed = parse_run_manifest(text, "run/x");
  return parsed ? "none" : parsed.error().message;
}

TEST(RunManifest, IsWrittenAndReadBack) {
  const RunManifest before = manifest("2026-07-04T21:41:43Z", "",
                                      {planned("a", ""), planned("b", "failed"), planned("c", "", false)});
  const std::string text = run_manifest_text(before);
  const auto after = parse_run_manifest(text, "x");
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(run_manifest_text(*after), text);
  EXPECT_FALSE(after->complete());
  EXPECT_EQ(after->tests[1].outcome, "failed");
  EXPECT_EQ(after->tests[1].reason, "because");
  EXPECT_FALSE(after->tests[2].selected);
}

json::array corpus(const std::string& name) {
  std::ifstream file(std::filesystem::path(KTSTR_RUN_MANIFEST_CORPUS) / (name + ".json"));
  std::ostringstream text;
  text << file.rdbuf();
  const auto rows = parse_json(text.str(), name);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows->as_array();
}

// What the schema makes of the same files is held by tests/schema/corpus.py.
TEST(RunManifest, TheReaderJudgesTheSchemasCorpusAlike) {
  for (const json::value& row : corpus("accepted"))
    EXPECT_EQ(problem_of(to_text(row.at("manifest"))), "none") << row.at("what").as_string();
  for (const json::value& row : corpus("refused"))
    EXPECT_NE(problem_of(to_text(row.at("manifest"))), "none") << row.at("what").as_string();
}

TEST(RunManifest, AMistakeIsNamedByFileAndKey) {
  EXPECT_EQ(problem_of("[]"), "run/x: expected an object, found an array of 0");
  EXPECT_EQ(problem_of("{}"), "run/x: \"schema_version\" is missing");
  EXPECT_EQ(problem_of(R"({"schema_version": 2})"), "run/x: written by a newer ktstr (schema_version 2)");
  EXPECT_EQ(problem_of(R"({"schema_version": 1, "session": "s"})"), "run/x: \"started\" is missing");
  EXPECT_EQ(problem_of(R"({"schema_version": 1, "session": "", "started": "t", "tests": []})"),
            "run/x: session: is empty");
  EXPECT_EQ(problem_of(R"({"schema_version": 1, "session": "s", "started": "t"})"),
            "run/x: \"tests\" is missing");
  EXPECT_EQ(problem_of(R"({"schema_version": 1, "session": "s", "started": "t", "ended": 7, "tests": []})"),
            "run/x: ended: expected a string, found 7");
  const std::string head = R"({"schema_version": 1, "session": "s", "started": "t", "tests": [)";
  EXPECT_EQ(problem_of(head + "3]}"), "run/x: tests[0]: expected an object, found 3");
  EXPECT_EQ(problem_of(head + R"({"test": "a"}]})"), "run/x: tests[0]: \"performance_mode\" is missing");
  EXPECT_EQ(
      problem_of(head +
                 R"({"test": "a", "performance_mode": true, "selected": true, "outcome": "fi\u001bne"}]})"),
      "run/x: tests[0].outcome: unknown outcome \"fi\\x1bne\"");
  EXPECT_NE(problem_of("{\"schema_version\": 1"), "none");
  EXPECT_NE(problem_of(std::string(100, '[')), "none");
}

TEST(RunManifest, DamagedTextIsAnErrorOrReadsBack) {
  const std::string good = run_manifest_text(manifest("2026-07-04T21:41:43Z", "2026-07-04T21:42:43Z",
                                                      {planned("a", "passed"), planned("b", "error")}));
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string text = good.substr(0, random() % 4 == 0 ? random() % good.size() : good.size());
    for (unsigned hits = random() % 4; hits > 0 && !text.empty(); --hits)
      text[random() % text.size()] = static_cast<char>(random());
    const auto read = parse_run_manifest(text, "x");
    if (!read) {
      EXPECT_FALSE(read.error().message.empty());
      continue;
    }
    const auto again = parse_run_manifest(run_manifest_text(*read), "x");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(run_manifest_text(*again), run_manifest_text(*read));
  }
}

TEST(RunManifest, ShardsAndRepetitionsAddUp) {
  const RunManifest first =
      manifest("2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z",
               {planned("a", "passed"), planned("b", "failed"), planned("c", "", false)});
  const RunManifest shard =
      manifest("2026-01-01T00:02:00Z", "2026-01-01T00:03:00Z",
               {planned("a", "", false), planned("b", "", false), planned("c", "passed")});
  const RunManifest killed = manifest("2026-01-01T00:04:00Z", "",
                                      {planned("a", "", false), planned("b", ""), planned("c", "", false)});

  RunManifest merged = merge_run_manifests({first, shard});
  EXPECT_TRUE(merged.complete());
  ASSERT_EQ(merged.tests.size(), 3U);
  for (const PlannedTest& test : merged.tests)
    EXPECT_TRUE(test.selected && !test.outcome.empty()) << test.test;

  merged =
      merge_run_manifests({killed, first, shard});  // what the killed one would have replaced is still there
  EXPECT_TRUE(merged.complete());
  EXPECT_EQ(merged.tests[1].outcome, "failed");

  merged = merge_run_manifests({shard, killed});
  EXPECT_FALSE(merged.complete());
  EXPECT_TRUE(merged.tests[1].selected);
  EXPECT_EQ(merged.tests[1].outcome, "");
  EXPECT_FALSE(merge_run_manifests({}).complete());
}

TEST(RunManifest, OneThatRanTheSameAgainSupersedesIt) {
  const RunManifest part = manifest("1", "2", {planned("a", "passed"), planned("b", "", false)});
  const RunManifest all = manifest("3", "4", {planned("a", "failed"), planned("b", "passed")});
  const RunManifest killed = manifest("5", "", {planned("a", "passed"), planned("b", "")});
  EXPECT_TRUE(supersedes(all, part));
  EXPECT_TRUE(supersedes(all, killed));
  EXPECT_FALSE(supersedes(part, all));
  EXPECT_FALSE(supersedes(killed, part));
}

TEST(RunManifest, IsKnownByItsName) {
  EXPECT_EQ(run_manifest_name("abc"), "abc.run-manifest.json");
  EXPECT_TRUE(is_run_manifest_name("abc.run-manifest.json"));
  EXPECT_FALSE(is_run_manifest_name(".run-manifest.json"));
  EXPECT_FALSE(is_run_manifest_name("a-0123456789abcdef.ktstr.json"));
}

}  // namespace
}  // namespace ktstr
