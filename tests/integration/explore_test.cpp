// SPDX-License-Identifier: Apache-2.0
//
// `ktstr explore` with a runner whose tests fail when they are varied so.
#include <gmock/gmock.h>
#include <signal.h>

#include "project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Explore : public ::testing::Test {
 protected:
  Explore() {
    project.write("tests/all.json", R"({"tests": [{"name": "alpha"}, {"name": "beta"}]})");
    project.commit("tests to vary");
  }
  ProgramResult explore(const Arguments& more) const {
    Arguments all{"explore", "alpha"};
    all.insert(all.end(), more.begin(), more.end());
    return project.ktstr(all);
  }
  static std::string manifest_of(const json::value& document, std::size_t finding) {
    return std::string(document.at("findings").at(finding).at("manifest").as_string());
  }
  Project project;
};

TEST_F(Explore, AFindingIsGroupedMadeSmallAndReplays) {
  const ProgramResult result = explore({"--seeds", "1..40", "--vary", "work,cgroups,failure", "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  expect_schemas({{"explore", parsed(result)}});
  const json::value document = parsed(result);
  ASSERT_EQ(document.at("findings").as_array().size(), 2U) << "two kinds, however many scenarios";
  EXPECT_EQ(document.at("seeds").at("done"), 40);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const json::value& finding = document.at("findings").at(i);
    // The fixture's takeover comes into effect without another outcome: no moment of it helps.
    EXPECT_EQ(finding.at("moment").at("state"), "never");
    count += finding.at("count").to_number<std::uint64_t>();
    EXPECT_EQ(finding.at("minimal"), true);
    const std::string file = manifest_of(document, i);
    const json::value saved = json::parse(project.tree.read("project/" + file));
    const json::object& test = saved.at("tests").at(0).as_object();
    EXPECT_EQ(test.at("outcome"), "failed");
    EXPECT_FALSE(test.contains("work_type") || test.contains("cgroups") || test.contains("jitter")) << file;
    const ProgramResult again = project.ktstr({"test", "--manifest", file, "--deterministic", "--seed", "1"});
    EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
    EXPECT_EQ(std::string(finding.at("replay").as_string()),
              "ktstr test --deterministic --seed 1 --manifest " + file);
  }
  EXPECT_EQ(document.at("scenarios").at("failed"), count);
  const std::string kinds = json::serialize(document.at("findings"));
  EXPECT_THAT(kinds, HasSubstr("\"kind\":\"bounded gap\""));
  EXPECT_THAT(kinds, HasSubstr("\"kind\":\"the guest kernel panicked # times: "));
  EXPECT_THAT(kinds, Not(HasSubstr("\x1b")));
}

TEST_F(Explore, EachFindingHasAFileOfItsOwn) {
  const json::value document = parsed(explore({"--seeds", "1..20", "--vary", "twins", "--json"}));
  ASSERT_EQ(document.at("findings").as_array().size(), 2U);
  EXPECT_NE(manifest_of(document, 0), manifest_of(document, 1));
  for (std::size_t i = 0; i < 2; ++i) {
    const json::value saved = json::parse(project.tree.read("project/" + manifest_of(document, i)));
    EXPECT_EQ(saved.at("tests").at(0).at("message"), document.at("findings").at(i).at("message"));
  }
}

TEST_F(Explore, TheSameSeedGivesTheSameManifest) {
  for (const char* place : {"first", "second"}) {
    const ProgramResult result =
        explore({"--seeds", "1..20", "--vary", "failure", "--output", std::string("target/") + place});
    EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("again: ktstr test --deterministic --seed 1 --manifest "));
  }
  const Program compare{{"diff", "-r", "--exclude=state.json", "target/first", "target/second"},
                        {},
                        {},
                        true,
                        project.directory().string()};
  const ProgramResult same = run_program(compare);
  EXPECT_EQ(same.exit_code, 0) << same.out << same.err;
}

TEST_F(Explore, TheSameSearchGoesOnWhereItEnded) {
  EXPECT_EQ(explore({"--seeds", "1..6", "--vary", "failure"}).exit_code, 1);
  const json::value more = parsed(explore({"--seeds", "4..10", "--vary", "failure", "--json"}));
  EXPECT_EQ(more.at("seeds").at("before"), 3);
  EXPECT_EQ(more.at("seeds").at("done"), 7);
  EXPECT_EQ(more.at("this_call").at("scenarios"), 4);
  const json::value all = parsed(explore({"--seeds", "1..10", "--vary", "failure", "--json"}));
  EXPECT_EQ(all.at("this_call").at("scenarios"), 0);
  const json::value fresh = parsed(explore({"--seeds", "1..10", "--vary", "failure", "--json", "--fresh"}));
  EXPECT_EQ(fresh.at("seeds").at("before"), 0);
  for (const char* same : {"findings", "scenarios"}) {
    json::value a = all.at(same), b = fresh.at(same);
    EXPECT_EQ(json::serialize(a), json::serialize(b)) << "in pieces or at once";
  }
  const json::value other = parsed(explore({"--seeds", "1..10", "--vary", "work", "--json"}));
  EXPECT_EQ(other.at("seeds").at("before"), 0) << "another search";
  project.write("tests/more.json", R"({"tests": [{"name": "gamma"}]})");
  project.commit("another tree");
  const json::value later = parsed(explore({"--seeds", "1..10", "--vary", "failure", "--json"}));
  EXPECT_EQ(later.at("seeds").at("before"), 0) << "what was found may be mended";
}

class GuidedExplore : public Explore {
 protected:
  GuidedExplore() {
    // Each scenario has a name of its own, and by that numbers of its own.
    project.write("tests/all.json",
                  R"({"tests": [{"name": "alpha", "jitter": 0.99, "outcome_file": "outcome.txt",
        "metrics": {"total_migrations": 1000, "total_iterations": 5000, "worst_spread": 20}}]})");
    project.write(".gitignore", "outcome.txt\ntarget\n");
    project.commit("numbers that vary");
    project.write("outcome.txt", "passed");
  }
  json::value guided(const std::string& place, const Arguments& more) const {
    Arguments all{"--vary", "cgroups", "--guided", "--json", "--output", "target/" + place};
    all.insert(all.end(), more.begin(), more.end());
    const ProgramResult result = explore(all);
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 1) << result.out << result.err;
    return parsed(result);
  }
  json::value corpus_of(const json::value& document) const {
    const std::filesystem::path directory(std::string(document.at("directory").as_string()));
    const auto below = directory.lexically_relative(project.tree.path());
    return json::parse(project.tree.read((below / "state.json").string())).at("corpus");
  }
};

TEST_F(GuidedExplore, InPiecesOrAtOnceItIsTheSameSearch) {
  const json::value once = guided("once", {"--seeds", "1..60", "-j", "4"});
  expect_schemas({{"explore", once}});
  EXPECT_EQ(once.at("guided"), true);
  EXPECT_GT(once.at("behaviours").to_number<int>(), 20);
  EXPECT_GT(once.at("kept").to_number<int>(), 3);
  EXPECT_LT(once.at("kept").to_number<int>(), 40) << "most show nothing new";
  guided("pieces", {"--seeds", "1..7", "-j", "1"});
  guided("pieces", {"--seeds", "1..21", "-j", "2"});
  const json::value pieces = guided("pieces", {"--seeds", "1..60", "-j", "1"});
  EXPECT_EQ(pieces.at("seeds").at("before"), 21);
  EXPECT_EQ(corpus_of(pieces), corpus_of(once));
}

TEST_F(GuidedExplore, AFindingSaysWhatItWasVariedFrom) {
  EXPECT_TRUE(guided("here", {"--seeds", "1..31"}).at("findings").as_array().empty());
  project.write("outcome.txt", "failed");
  const json::value found = guided("here", {"--seeds", "1..39"});
  ASSERT_EQ(found.at("findings").as_array().size(), 1U);
  const json::value& finding = found.at("findings").at(0);
  EXPECT_EQ(finding.at("seed"), 32);
  ASSERT_TRUE(finding.at("from").is_number()) << "of this seed it is not the test itself";
  EXPECT_LT(finding.at("from").to_number<int>(), 32);
}

TEST_F(GuidedExplore, WithoutGuidanceBehavioursAreCounted) {
  const ProgramResult result = explore({"--seeds", "1..5", "--vary", "cgroups"});
  EXPECT_THAT(result.out, HasSubstr(" behaviours seen"));
  expect_error(explore({"--guided", "--manifest", "tests/all.json"}), 2, {"--guided", "--manifest"});
  expect_error(explore({"--seeds", "1..5", "--manifest", "tests/all.json"}), 2,
               {"--seeds and --manifest exclude each other"});
}

TEST_F(Explore, WhatWasNotJudgedIsNoPass) {
  const auto ends = [&](const char* vary, int code, const char* says) {
    const ProgramResult result = explore({"--seeds", "1..3", "--vary", vary});
    EXPECT_EQ(result.exit_code, code) << vary << "\n" << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr(says)) << vary;
  };
  ends("work", 0, "PASS: 0 findings in 3 scenarios of 1 test");
  ends("doubt", 5, "3 inconclusive");
  ends("doubt", 5, "not judged: alpha-s1: nothing was measured");
  ends("skip", 5, "3 skipped");
  ends("mistake", 5, "3 refused by the runner");
  ends("mistake", 5, "unknown key no_such_key");
}

TEST_F(Explore, WhatCouldNotBeRunIsNoPass) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha", "outcome": "error", "message": "no machine"}]})");
  const ProgramResult result = explore({"--seeds", "1..3", "--vary", "work"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 could not be run"));
  EXPECT_THAT(result.out, HasSubstr("not judged: alpha-s1: no machine"));
}

TEST_F(Explore, EveryTestHasEverySeed) {
  const json::value document =
      parsed(project.ktstr({"explore", "--seeds", "1..5", "--vary", "work", "--json"}));
  EXPECT_EQ(document.at("scenarios").at("passed"), 10);
}

TEST_F(Explore, WorseThanTheBaselineIsAFindingThoughNothingFails) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha", "metrics_file": "numbers.json", "jitter": 0.01}]})");
  project.write("numbers.json", Project::kGood);
  project.commit("good");
  project.write("numbers.json", Project::kBad);
  project.commit("bad");
  const Arguments all{"--base", "HEAD~1", "--seeds", "1..4", "--vary", "work", "--json"};
  const ProgramResult result = explore(all);
  EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
  const json::value document = parsed(result);
  expect_schemas({{"explore", document}});
  EXPECT_TRUE(document.at("base").is_string());
  EXPECT_EQ(document.at("scenarios").at("failed"), 0);
  EXPECT_EQ(document.at("scenarios").at("suspects"), 4);
  ASSERT_EQ(document.at("findings").as_array().size(), 1U) << "one change is one finding";
  const json::value& finding = document.at("findings").at(0);
  EXPECT_EQ(finding.at("kind"), "worse than the baseline");
  EXPECT_EQ(finding.at("count"), 4);
  EXPECT_THAT(json::serialize(finding.at("worse_metrics")), HasSubstr("total_iterations"));
  EXPECT_THAT(std::string(finding.at("message").as_string()), HasSubstr(" of alpha"));
  const std::string file = manifest_of(document, 0);
  EXPECT_EQ(std::string(finding.at("replay").as_string()),
            "ktstr explore --base HEAD~1 --seed 1 --manifest " + file);
  const ProgramResult again =
      project.ktstr({"explore", "--base", "HEAD~1", "--seed", "1", "--manifest", file, "--json"});
  EXPECT_EQ(again.exit_code, 1) << again.out << again.err;
  EXPECT_EQ(parsed(again).at("findings").at(0).at("kind"), "worse than the baseline");
  project.write("numbers.json", Project::kGood);
  project.write("README", "another text");
  project.commit("as good as before");
  const ProgramResult equal = explore({"--base", "HEAD~2", "--seeds", "1..4", "--vary", "work", "--json"});
  EXPECT_EQ(equal.exit_code, 0) << equal.out << equal.err;
  EXPECT_EQ(parsed(equal).at("scenarios").at("suspects"), 0) << "in virtual time equal is equal";
}

TEST_F(Explore, WhatFailsOnTheBaselineAsWellIsNoFinding) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha", "message": "it broke", "outcome_file": "outcome.txt"}]})");
  project.write("outcome.txt", "failed");
  project.commit("fails");
  project.write("README", "the same");
  project.commit("fails as before");
  const auto searched = [&] {
    const ProgramResult result = explore({"--base", "HEAD~1", "--seeds", "1..3", "--vary", "work", "--json"});
    EXPECT_EQ(result.exit_code, parsed(result).at("findings").as_array().empty() ? 0 : 1) << result.err;
    return parsed(result);
  };
  const json::value before = searched();
  EXPECT_EQ(before.at("scenarios").at("as_before"), 3);
  EXPECT_TRUE(before.at("findings").as_array().empty());
  project.write("outcome.txt", "passed");
  project.commit("mended");
  EXPECT_TRUE(searched().at("findings").as_array().empty()) << "HEAD is better";
  project.write("outcome.txt", "failed");
  project.commit("broken again");
  const json::value after = searched();
  EXPECT_EQ(after.at("scenarios").at("as_before"), 0);
  ASSERT_EQ(after.at("findings").as_array().size(), 1U);
  EXPECT_EQ(after.at("findings").at(0).at("kind"), "it broke");
  expect_error(explore({"--base", "HEAD"}), 2, {"--base HEAD is HEAD", "HEAD~1"});
  expect_error(explore({"--base", "no-such-commit"}), 3, {"no-such-commit"});
}

TEST_F(Explore, MistakesAreToldBeforeAnythingRuns) {
  expect_error(explore({"--seeds", "5..1"}), 2, {"--seeds \"5..1\"", "1..10000"});
  expect_error(explore({"--seeds", "many"}), 2, {"--seeds \"many\""});
  expect_error(explore({"--vary", "wrok"}), 2, {"did you mean \"work\"?", "work, cgroups, failure, twins"});
  expect_error(explore({"--budget", "soon"}), 2, {"--budget"});
  expect_error(project.ktstr({"explore", "alhpa"}), 2, {"did you mean \"alpha\"?"});
  expect_error(project.ktstr({"explore", "--manifest", "nowhere.json"}), 2, {"there is no such file"});
  for (const char* command : {"test", "explore"}) {  // what never ends is not read
    expect_error(project.ktstr({command, "--manifest", "/dev/zero"}), 2,
                 {"--manifest /dev/zero: not a regular file", "name a file with tests"});
  }
  expect_error(project.ktstr({"test", "--manifest", "nowhere.json"}), 2,
               {"--manifest nowhere.json: there is no such file"});
}

TEST_F(Explore, AnInterruptedSearchKeepsWhatItHas) {
  project.write("tests/all.json", R"({"tests": [{"name": "alpha", "sleep_ms": 100}]})");
  project.commit("a slow test");
  const ProgramResult all = explore({"--seeds", "1..400", "--vary", "work", "--budget", "1s", "--json"});
  EXPECT_EQ(all.exit_code, 0) << all.out << all.err;
  const json::value first = parsed(all);
  EXPECT_EQ(first.at("out_of_time"), true);
  const std::uint64_t done = first.at("seeds").at("done").to_number<std::uint64_t>();
  EXPECT_GT(done, 0U);
  Program program = project.program({"explore", "alpha", "--seeds", "1..400", "--vary", "work", "--json"});
  program.argv.insert(program.argv.begin(),
                      {"timeout", "--foreground", "--preserve-status", "-s", "INT", "1"});
  const ProgramResult cut = run_program(program);
  EXPECT_EQ(cut.exit_code, 130) << cut.out << cut.err;
  const json::value second = parsed(cut);
  EXPECT_EQ(second.at("interrupted"), true);
  EXPECT_THAT(std::string(second.at("sentence").as_string()),
              HasSubstr("interrupted, the same command goes on"));
  EXPECT_EQ(second.at("seeds").at("before"), done);
  const json::value third = parsed(explore({"--seeds", "1..1", "--vary", "work", "--json"}));
  EXPECT_EQ(third.at("seeds").at("before"), 1);
}

TEST_F(Explore, AReplayLeavesStoredResultsAlone) {
  project.write("tests/all.json",
                R"({"tests": [{"name": "alpha"}, {"name": "beta", "scheduler": "scx_demo"}]})");
  project.commit("two schedulers");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 0);
  const ProgramResult found = explore({"--seeds", "1..20", "--vary", "failure", "--json"});
  const std::string file = manifest_of(parsed(found), 0);
  const ProgramResult again = project.ktstr({"test", "--manifest", file});
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.err, Not(HasSubstr("cleared")));
  const ProgramResult values = project.ktstr({"stats", "list-values"});
  EXPECT_THAT(values.out, HasSubstr("scx_demo")) << "beta is there: " << values.out;
}

}  // namespace
}  // namespace ktstr::testing
