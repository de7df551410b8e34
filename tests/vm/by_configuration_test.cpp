// SPDX-License-Identifier: Apache-2.0
//
// Everything at once, and nothing of it by a flag: the demo project's comparison with its results in a bucket
// of a real server, judged by a stranger's gate that was built against the installed SDK, told by five
// reporters; and the same with each guest on a node of a Slurm cluster. Started by
// tests/integration/real_s3_servers.py, which says in KTSTR_TEST_S3 where the server is, and for the farm by
// slurm_cluster.py, too.
#include <map>
#include <regex>
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
  /// `profile` has what this comparison needs more, `runner` what runs the tests.
  void configure(json::object profile, const json::value& runner) {
    const auto to = [](const char* reporter, const char* out) {
      return json::object{{"use", reporter}, {"out", out}};
    };
    const json::array reporters{"terminal", to("junit", "junit.xml"), to("github", "github.txt"),
                                to("markdown", "report.md"), to("html", "report.html")};
    profile["reporters"] = reporters;
    profile["fail_threshold"] = 1;
    tree_.write("config/ktstr/config.json",
                json::serialize(
                    json::object{{"store", "s3://" + bucket_ + "/by-configuration"},
                                 {"kernel", kernel_},
                                 {"runner", runner},
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

  void expect_quiet(const ProgramResult& result) const {
    EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("judged by house"));
    EXPECT_THAT(told("junit.xml"), Not(HasSubstr("<failure")));
    EXPECT_THAT(told("github.txt"), Not(HasSubstr("::error")));
    expect_valid_junit();
  }
  void expect_red(const ProgramResult& result) const {
    EXPECT_EQ(result.exit_code, 1) << result.out << result.err;
    EXPECT_THAT(result.out, HasSubstr("FAIL: "));
    EXPECT_THAT(result.out, HasSubstr("judged by house"));
    EXPECT_THAT(told("junit.xml"), HasSubstr("<failure"));
    expect_valid_junit();
    EXPECT_THAT(told("github.txt"), HasSubstr("::error"));
    for (const char* file : {"junit.xml", "report.html"})
      EXPECT_THAT(told(file), HasSubstr("timers_under_load")) << file;
    EXPECT_THAT(told("report.md"), HasSubstr("timers\\_under\\_load"));
    EXPECT_THAT(told("report.html"), HasSubstr("<svg"));
  }
  /// How many runs the bucket has, where all results are.
  std::size_t runs_in_the_bucket() const {
    EXPECT_FALSE(fs::exists(project() / "target/ktstr")) << "all results are in the bucket";
    const ProgramResult listed = installed({"ktstr", "runs", "list", "--json"}, project());
    return json::parse(listed.out).at("entries").as_array().size();
  }

  /// What the bucket has there, by a client that is not ours.
  std::string fetched(const std::string& path) const {
    // Of no body; Debian 12's curl does not say it by itself, and S3 insists.
    const std::string hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const ProgramResult got =
        run({"curl", "-sSf", "--aws-sigv4", "aws:amz:us-east-1:s3", "-H", "x-amz-content-sha256: " + hash,
             "--user", key_ + ":" + secret_, url_ + "/" + bucket_ + path},
            tree_.path());
    EXPECT_EQ(got.exit_code, 0) << path << ": " << got.err;
    return got.out;
  }
  /// Where each side of each pair ran: by test, plan and block.
  std::map<std::string, std::vector<std::string>> nodes_of_pairs() const {
    std::map<std::string, std::vector<std::string>> nodes;
    const std::string listed = fetched("?list-type=2");
    const std::regex key("<Key>([^<]*/sessions/[^<]*\\.ktstr\\.json)</Key>");
    for (std::sregex_iterator it(listed.begin(), listed.end(), key), end; it != end; ++it) {
      const json::value sidecar = json::parse(fetched("/" + (*it)[1].str()));
      const json::object& object = sidecar.as_object();
      if (!object.contains("perf_delta") || !object.at("perf_delta").is_object()) continue;
      const json::value& place = object.at("perf_delta");
      nodes[json::serialize(object.at("test_name")) + json::serialize(place.at("plan")) +
            json::serialize(place.at("block"))]
          .emplace_back(object.at("node").as_string());
    }
    return nodes;
  }

  std::string url_, key_, secret_, bucket_;
};

TEST_F(ByConfiguration, ABucketAStrangersGateAndFiveReporters) {
  configure({{"cached_gates", json::array{"house"}}}, "kvm");
  test_of("main");
  test_of("comment-only");
  expect_quiet(installed({"ktstr", "perf-delta", "--base", "main"}, project()));
  test_of("longer-slices");
  expect_red(installed({"ktstr", "perf-delta", "--base", "main"}, project()));
  EXPECT_EQ(runs_in_the_bucket(), 3U);
}

TEST_F(ByConfiguration, TheSameOnAFarmOfThreeNodes) {
  const char* caches = std::getenv("KTSTR_TEST_NODE_CACHES");
  ASSERT_NE(caches, nullptr) << "tests/integration/slurm_cluster.py starts this test";
  configure({{"gates", json::array{"house"}}, {"repeats", 2}},
            {{"use", "slurm"}, {"options", {{"runner", "kvm"}, {"poll_s", 1}}}});
  git_switch("comment-only");
  const std::vector<std::string> compare{"ktstr", "perf-delta", "--base", "main", "--deterministic"};
  expect_quiet(installed(compare, project()));
  git_switch("longer-slices");
  expect_red(installed(compare, project()));

  EXPECT_GT(runs_in_the_bucket(), 0U);
  const auto pairs = nodes_of_pairs();
  EXPECT_EQ(pairs.size(), 16U) << "four tests, two blocks, two comparisons";
  std::set<std::string> seen;
  for (const auto& [pair, nodes] : pairs) {
    EXPECT_EQ(nodes.size(), 2U) << pair;
    EXPECT_EQ(nodes.front(), nodes.back()) << pair << " compares machines";
    seen.insert(nodes.begin(), nodes.end());
  }
  EXPECT_THAT(seen, ::testing::UnorderedElementsAre("kn1", "kn2", "kn3"));
  for (const std::string& node : seen)
    EXPECT_TRUE(fs::exists(fs::path(caches) / node / "runner-kvm")) << node << " keeps its guests itself";
}

}  // namespace
}  // namespace ktstr::testing
