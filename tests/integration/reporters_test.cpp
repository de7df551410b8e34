// SPDX-License-Identifier: Apache-2.0
//
// Reports for others, out of whole runs: which are written where, by choice or under a CI service.
#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

constexpr const char* kFailing = R"({"tests": [
  {"name": "alpha", "metrics_file": "numbers.json"},
  {"name": "beta", "outcome": "failed", "message": "::error::from the guest\nsecond line"}]})";

class Reporters : public ::testing::Test {
 protected:
  bool has(const std::string& text, const std::string& part) const {
    return text.find(part) != std::string::npos;
  }
  Project project;
};

TEST_F(Reporters, SeveralFormatsOfOneRun) {
  project.write("tests/all.json", kFailing);
  const ProgramResult result =
      project.ktstr({"test", "--reporter", "terminal", "--reporter", "junit::out=junit.xml::dialect=strict",
                     "--reporter", "markdown::out=report.md", "--reporter", "github::out=/dev/stdout"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_TRUE(has(project.tree.read("project/junit.xml"), "<failure message=\"::error::from the guest\""));
  EXPECT_TRUE(has(project.tree.read("project/report.md"), "### ktstr test: FAIL\n"));
  EXPECT_LT(result.out.find("Summary"), result.out.find("::error title=ktstr test%3A FAIL")) << result.out;
  EXPECT_TRUE(has(result.out, "::error file=tests/all.json,line=1,title=beta failed::")) << result.out;
  EXPECT_EQ(project.ktstr({"test", "--reporter", "junit::dialect=other"}).exit_code, 2);
}

TEST_F(Reporters, GithubGetsItsOwnAndIsTold) {
  const std::string summary = (project.tree / "summary.md").string();
  const Variables github{{"GITHUB_ACTIONS", "true"}, {"GITHUB_STEP_SUMMARY", summary}};
  project.write("tests/all.json", kFailing);
  const ProgramResult result = project.ktstr({"test"}, github);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_TRUE(has(result.err, "GITHUB_ACTIONS is true: the reporter github")) << result.err;
  EXPECT_TRUE(has(result.out, "::error title=ktstr test%3A FAIL")) << result.out;
  EXPECT_TRUE(has(result.out, "Summary")) << "the terminal's report stays";
  EXPECT_TRUE(has(project.tree.read("summary.md"), "### ktstr test: FAIL"));
  // What a guest printed is no command, whichever reporter shows it.
  EXPECT_FALSE(has(result.out, "\n    ::error")) << result.out;
  const ProgramResult chosen = project.ktstr({"test", "--reporter", "terminal"}, github);
  EXPECT_FALSE(has(chosen.out + chosen.err, "::error title=")) << chosen.out << chosen.err;
  project.write("ktstr.json", R"({"project": "demo", "runner": "fake", "reporters": ["terminal"]})");
  EXPECT_FALSE(has(project.ktstr({"test"}, github).out, "::error title="));
}

TEST_F(Reporters, OneThatFailsHidesNothing) {
  project.write("tests/all.json", kFailing);
  const ProgramResult result =
      project.ktstr({"test", "--reporter", "terminal", "--reporter", "markdown::out=/dev/full", "--reporter",
                     "junit::out=junit.xml"});
  EXPECT_EQ(result.exit_code, 1) << "the failing test, not the failing reporter: " << result.err;
  EXPECT_TRUE(has(result.err, "reporter markdown: ")) << result.err;
  EXPECT_TRUE(has(result.out, "1 failed")) << result.out;
  EXPECT_TRUE(has(project.tree.read("project/junit.xml"), "<failure"));
  project.write("tests/all.json", R"({"tests": [{"name": "alpha"}]})");
  EXPECT_EQ(project.ktstr({"test", "--reporter", "markdown::out=/dev/full"}).exit_code, 4);
}

TEST_F(Reporters, JsonDocumentsAreWhatTheirSchemasSay) {
  project.two_commits();
  const Arguments delta{"perf-delta", "--base", "HEAD~1", "--reporter"};
  const auto with = [](Arguments arguments, const Arguments& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  project.ktstr(with(delta, {"json::out=cached.json"}));
  project.ktstr(with(delta, {"json::out=repeated.json", "--noise-adjust", "2", "--kernel", "6.18", "--gate",
                             "welch+threshold"}));
  project.write("tests/all.json", kFailing);
  EXPECT_EQ(project.ktstr({"test", "--retries", "1", "--reporter", "json::out=run.json"}).exit_code, 1);
  for (const char* file : {"project/cached.json", "project/repeated.json"}) {
    const json::value document = json::parse(project.tree.read(file));
    EXPECT_FALSE(document.at("rows").as_array().empty()) << document.at("headline");
  }
  const std::string folder = project.directory().string();
  const ProgramResult checked =
      run_program({{"python3", KTSTR_SCHEMA_DIR "/report_schemas.py", KTSTR_DOCUMENT_SCHEMAS,
                    folder + "/cached.json", folder + "/repeated.json", folder + "/run.json"}});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
}

}  // namespace
}  // namespace ktstr::testing
