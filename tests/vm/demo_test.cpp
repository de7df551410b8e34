// SPDX-License-Identifier: Apache-2.0
//
// The demo project on real guests, as its README tells it: a commit that hurts is red, one that only rewords
// a comment is quiet, and a run in deterministic mode repeats to the last byte. Needs what the project needs
// to build, and KTSTR_TEST_KERNEL.
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "demo_project.hpp"
#include "framework/json_difference.hpp"

namespace ktstr::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

/// A sidecar without the fields that docs/deterministic-mode.md lists.
std::string without_volatile(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  json::object document = json::parse(text.str()).as_object();
  for (const char* key : {"timestamp", "run_id", "host", "host_before", "cleanup_duration_ms", "timing"})
    document.erase(key);
  return json::serialize(document);
}

std::vector<fs::path> sidecars_in(const fs::path& directory) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename().string().ends_with(".ktstr.json")) files.push_back(entry.path());
  }
  return files;
}

class HostLoad {
 public:
  HostLoad() {
    for (int i = 0; i < 4; ++i) {
      threads_.emplace_back([](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
        }
      });
    }
  }

 private:
  std::vector<std::jthread> threads_;
};

TEST_F(Demo, WhatInitWritesPasses) {
  const std::string fresh = (tree_ / "fresh").string();
  ASSERT_EQ(ktstr({"init", fresh}).exit_code, 0);
  const ProgramResult result = ktstr({"-C", fresh, "test", "--kernel", kernel_});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
}

TEST_F(Demo, StoredSidecarsOfTheBadCommitAreRed) {
  git_switch("main");
  const ProgramResult good = ktstr({"test", "--kernel", kernel_});
  ASSERT_EQ(good.exit_code, 0) << good.out << good.err;
  git_switch("longer-slices");
  const ProgramResult bad = ktstr({"test", "--kernel", kernel_});
  ASSERT_EQ(bad.exit_code, 0) << "the bad commit passes its tests: " << bad.out << bad.err;
  int exit_code = 0;
  const json::object document = perf_delta({"--base", "HEAD~1"}, exit_code);
  EXPECT_EQ(exit_code, 1);
  EXPECT_EQ(document.at("verdict").as_string(), "fail");
  EXPECT_THAT(regressed(document), IsSupersetOf({"worst_p99_wake_latency_us", "worst_p99_timer_latency_us"}));

  std::vector<std::string> check{"python3", KTSTR_SCHEMA_DIR "/sidecar_schema.py", KTSTR_SIDECAR_SCHEMA};
  const std::size_t fixed = check.size();
  for (const auto& entry : fs::recursive_directory_iterator(project() / "target/ktstr")) {
    if (entry.path().filename().string().find(".ktstr.") != std::string::npos)
      check.push_back(entry.path().string());
  }
  EXPECT_GT(check.size(), fixed) << "no sidecar found";
  const ProgramResult valid = run(check, project());
  EXPECT_EQ(valid.exit_code, 0) << valid.out << valid.err;
}

TEST_F(Demo, ACommentChangesNothingInVirtualTime) {
  git_switch("comment-only");
  int exit_code = 0;
  const json::object document = perf_delta(
      {"--base", "main", "--noise-adjust", "2", "--deterministic", "--kernel", kernel_}, exit_code);
  EXPECT_EQ(exit_code, 0);
  EXPECT_EQ(document.at("verdict").as_string(), "pass");
  const json::array& rows = document.at("rows").as_array();
  EXPECT_GT(rows.size(), 20U);
  for (const json::value& row : rows)
    EXPECT_EQ(row.at("baseline").at("values"), row.at("head").at("values"))
        << json::serialize(row.at("test")) << " " << json::serialize(row.at("metric"));
}

class Repetition : public Demo {
 protected:
  /// The second time with every core of the host busy.
  void expect_the_same_bytes(const std::string& test, bool cold) const {
    git_switch("main");
    std::vector<std::string> arguments = {"test",     test,   "--deterministic", "--seed", "3",
                                          "--kernel", kernel_};
    if (cold) arguments.emplace_back("--cold");
    std::string texts[2];
    for (const int round : {0, 1}) {
      const fs::path directory = tree_.directory(test + "-" + std::to_string(round));
      std::optional<HostLoad> load;
      if (round == 1) load.emplace();
      const ProgramResult result = ktstr(arguments, directory.string());
      ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
      const std::vector<fs::path> files = sidecars_in(directory);
      ASSERT_EQ(files.size(), 1U);
      texts[round] = without_volatile(files.front());
    }
    EXPECT_EQ(differences(texts[0], texts[1]), "") << test;
    EXPECT_THAT(texts[0], HasSubstr("\"time_source\":\"virtual\""));
  }
};

TEST_F(Repetition, OfTwoCpusFromATemplate) { expect_the_same_bytes("timers_under_load", false); }
TEST_F(Repetition, OfFourCpusFromATemplate) { expect_the_same_bytes("pingpong_two_llcs", false); }

TEST_F(Repetition, SlowOfTwoCpusBooted) { expect_the_same_bytes("timers_under_load", true); }
TEST_F(Repetition, SlowOfFourCpusBooted) { expect_the_same_bytes("pingpong_two_llcs", true); }

}  // namespace
}  // namespace ktstr::testing
