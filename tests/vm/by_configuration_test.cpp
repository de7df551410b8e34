// SPDX-License-Identifier: Apache-2.0
//
// Everything at once, and nothing of it by a flag: the demo project's comparison with its results in a bucket
// of a real server, judged by a stranger's gate that was built against the installed SDK, told by five
// reporters. Started by tests/integration/real_s3_servers.py, which says in KTSTR_TEST_S3 where the server
// is.
#include <sstream>

#include "demo_project.hpp"

namespace ktstr::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ByConfiguration : public Demo {
 protected:
  void SetUp() override {
    Demo::SetUp();
    const char* server = std::getenv("KTSTR_TEST_S3");
    ASSERT_NE(server, nullptr) << "tests/integration/real_s3_servers.py starts this test";
    std::istringstream(server) >> url_ >> key_ >> secret_ >> bucket_;
    ASSERT_EQ(run({KTSTR_CMAKE, "--install", KTSTR_BUILD_DIR, "--prefix", prefix()}, tree_.path()).exit_code,
              0);
    build_a_gate();
    configure();
  }

  std::string prefix() const { return (tree_ / "prefix").string(); }
  ProgramResult installed(std::vector<std::string> argv, const fs::path& directory) const {
    Program program;
    if (argv.front() == "ktstr") argv.front() = prefix() + "/bin/ktstr";
    program.argv = std::move(argv);
    program.directory = directory.string();
    program.environment = {{"PATH", prefix() + "/bin:" + std::getenv("PATH")},
                           {"XDG_CONFIG_HOME", (tree_ / "config").string()},
                           {"KTSTR_PROFILE", "ci"},
                           {"AWS_ACCESS_KEY_ID", key_},
                           {"AWS_SECRET_ACCESS_KEY", secret_},
                           {"AWS_ENDPOINT_URL_S3", url_},
                           {"AWS_EC2_METADATA_DISABLED", "true"}};
    program.without = {"GITHUB_BASE_REF", "GITHUB_ACTIONS", "GITLAB_CI"};
    program.timeout = std::chrono::seconds(900);
    return run_program(program);
  }

  /// By the commands that `ktstr plugin new` prints.
  void build_a_gate() {
    const fs::path place = tree_.directory("stranger");
    tree_.write("config/ktstr/config.json", R"({"profiles": {"ci": {}}})");
    const ProgramResult made = installed({"ktstr", "plugin", "new", "gate", "house", "--lang", "c"}, place);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    const std::size_t next = made.out.find("next:\n");
    ASSERT_NE(next, std::string::npos) << made.out;
    const ProgramResult built = installed({"sh", "-e", "-c", made.out.substr(next + 6)}, place);
    ASSERT_EQ(built.exit_code, 0) << built.out << built.err;
  }
  void configure() {
    const auto to = [](const char* reporter, const char* out) {
      return json::object{{"use", reporter}, {"out", out}};
    };
    const json::array reporters{"terminal", to("junit", "junit.xml"), to("github", "github.txt"),
                                to("markdown", "report.md"), to("html", "report.html")};
    const json::object profile{
        {"reporters", reporters}, {"cached_gates", json::array{"house"}}, {"fail_threshold", 1}};
    tree_.write("config/ktstr/config.json",
                json::serialize(
                    json::object{{"store", "s3://" + bucket_ + "/by-configuration"},
                                 {"kernel", kernel_},
                                 {"plugin_dirs", json::array{(tree_ / "stranger/gate-house/build").string()}},
                                 {"profiles", json::object{{"ci", profile}}}}));
  }
  void test_of(const std::string& branch) const {
    git_switch(branch);
    const ProgramResult result = installed({"ktstr", "test", "--deterministic"}, project());
    ASSERT_EQ(result.exit_code, 0) << branch << ": " << result.out << result.err;
  }
  std::string told(const std::string& name) const { return tree_.read("demo/" + name); }
  void expect_valid_junit() const {
    const ProgramResult checked =
        run({"xmllint", "--noout", "--schema", KTSTR_JUNIT_SCHEMA, "junit.xml"}, project());
    EXPECT_EQ(checked.exit_code, 0) << checked.err;
  }

  std::string url_, key_, secret_, bucket_;
};

TEST_F(ByConfiguration, ABucketAStrangersGateAndFiveReporters) {
  test_of("main");
  test_of("comment-only");
  const ProgramResult quiet = installed({"ktstr", "perf-delta", "--base", "main"}, project());
  EXPECT_EQ(quiet.exit_code, 0) << quiet.out << quiet.err;
  EXPECT_THAT(quiet.out, HasSubstr("judged by house"));
  EXPECT_THAT(told("junit.xml"), Not(HasSubstr("<failure")));
  EXPECT_THAT(told("github.txt"), Not(HasSubstr("::error")));
  expect_valid_junit();

  test_of("longer-slices");
  const ProgramResult red = installed({"ktstr", "perf-delta", "--base", "main"}, project());
  EXPECT_EQ(red.exit_code, 1) << red.out << red.err;
  EXPECT_THAT(red.out, HasSubstr("FAIL: "));
  EXPECT_THAT(red.out, HasSubstr("judged by house"));
  EXPECT_THAT(told("junit.xml"), HasSubstr("<failure"));
  expect_valid_junit();
  EXPECT_THAT(told("github.txt"), HasSubstr("::error"));
  for (const char* file : {"junit.xml", "report.md", "report.html"})
    EXPECT_THAT(told(file), HasSubstr("timers_under_load")) << file;
  EXPECT_THAT(told("report.html"), HasSubstr("<svg"));

  const ProgramResult listed = installed({"ktstr", "runs", "list", "--json"}, project());
  EXPECT_EQ(json::parse(listed.out).at("entries").as_array().size(), 3U) << listed.out << listed.err;
  EXPECT_FALSE(fs::exists(project() / "target/ktstr")) << "all results are in the bucket";
}

}  // namespace
}  // namespace ktstr::testing
