// SPDX-License-Identifier: Apache-2.0
//
// Starvation and single cgroups, from stored sidecars to exit codes.
#include "project.hpp"

namespace ktstr::testing {
namespace {

std::string cgroup(const std::string& name, int p99, int iterations) {
  return R"({"name": ")" + name + R"(", "num_workers": 2, "total_iterations": )" +
         std::to_string(iterations) + R"(, "iterations_per_worker": )" + std::to_string(iterations / 2) +
         R"(, "total_cpu_time_ns": 500000000, "workers_without_iterations": )" +
         (iterations == 0 ? "2" : "0") + R"(, "p99_wake_latency_us": )" + std::to_string(p99) +
         R"(, "median_wake_latency_us": )" + std::to_string(p99 / 2) + R"(, "wake_latency_samples": )" +
         (p99 > 0 ? "400" : "0") + R"(, "timer_latency_samples": 0})";
}

/// Two commits of a test with the cgroups web and batch; batch is always the slower one.
class CgroupProject : public Project {
 public:
  CgroupProject(int web_p99, int web_iterations) {
    write(
        "tests/all.json",
        R"({"tests": [{"name": "tenants", "cgroups_file": "cgroups.json", "metrics_file": "whole.json"}]})");
    store(25'700, 1000);
    store(web_p99, web_iterations);
  }
  ProgramResult against_parent(const Arguments& more = {}) const {
    Arguments arguments{"perf-delta", "--base", "HEAD~1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ktstr(arguments);
  }

 private:
  void store(int web_p99, int web_iterations) const {
    write("cgroups.json", R"({"cgroups": [)" + cgroup("web", web_p99, web_iterations) + "," +
                              cgroup("batch", 137'000, 1000) + "]}");
    write(
        "whole.json",
        R"({"worst_p99_wake_latency_us": 137000, "worst_median_wake_latency_us": 68500, "total_iterations": )" +
            std::to_string(1000 + web_iterations) + "}");
    commit("web " + std::to_string(web_p99));
    const ProgramResult ran = ktstr({"test"});
    if (ran.exit_code != 0) throw std::runtime_error(ran.out + ran.err);
  }
};

bool has(const ProgramResult& result, const std::string& text) {
  return result.out.find(text) != std::string::npos;
}

TEST(CgroupDelta, ATenantThatGotSlowerIsAFindingOfItsOwn) {
  const CgroupProject project(90'100, 1000);
  const ProgramResult result = project.against_parent({"--must-fail", "web/p99_wake_latency_us"});
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_TRUE(has(result, "web/p99_wake_latency_us")) << result.out;
  EXPECT_FALSE(has(result, "batch/")) << result.out;
  project.write(
      "policy.json",
      R"({"per_metric_percent": {"web/p99_wake_latency_us": 900, "web/median_wake_latency_us": 900}})");
  EXPECT_EQ(
      project.against_parent({"--policy", "policy.json", "--must-fail", "web/p99_wake_latency_us"}).exit_code,
      0);
}

TEST(CgroupDelta, NamesThatMatchNothingAreUsageErrors) {
  const CgroupProject project(90'100, 1000);
  expect_error(project.against_parent({"--must-fail", "wob/p99_wake_latency_us"}), 2,
               {"--must-fail", "did you mean \"web/p99_wake_latency_us\"?"});
  expect_error(project.against_parent({"--must-fail", "web/p99_wake_latncy_us"}), 2,
               {"there is no metric", "did you mean \"web/p99_wake_latency_us\"?"});
  expect_error(project.against_parent({"--must-fail", "worst_p99_timer_latency_us"}), 2,
               {"no test of either side has the metric"});
  project.write("policy.json", R"({"per_metric_percent": {"wob/spread": 9}})");
  expect_error(project.against_parent({"--policy", "policy.json"}), 2,
               {"--policy: no test of either side has the metric \"wob/spread\""});
}

TEST(CgroupDelta, TotalStarvationIsNoPass) {
  const CgroupProject project(0, 0);
  const ProgramResult result = project.against_parent({"--fail-threshold", "0"});
  EXPECT_EQ(result.exit_code, 5) << result.out;
  EXPECT_TRUE(has(result, "web/iterations_per_worker")) << result.out;
  EXPECT_TRUE(has(result, "did not happen on HEAD")) << result.out;
  EXPECT_TRUE(has(result, "web: 2 of 2 workers completed nothing in 1 of 1 HEAD run")) << result.out;
  EXPECT_EQ(project.against_parent({"--must-fail", "worst_p99_wake_latency_us"}).exit_code, 1)
      << "a latency that nobody lived to see";
  EXPECT_EQ(project.against_parent({"--must-fail", "web/p99_wake_latency_us"}).exit_code, 1);
  const json::value document = parsed(project.against_parent({"--json"}));
  EXPECT_EQ(document.at("counts").at("did_not_happen"), 1);
  EXPECT_EQ(document.at("starved").at(0).at("cgroup"), "web");
  EXPECT_EQ(document.at("starved").at(0).at("side"), "head");
  for (const json::value& row : document.at("rows").as_array())
    EXPECT_NE(row.at("outcome"), "improved") << row.at("metric");
  const json::value& first = document.at("rows").at(0);
  EXPECT_EQ(first.at("metric"), "web/iterations_per_worker");
  EXPECT_EQ(first.at("cgroup"), "web");
  EXPECT_EQ(first.at("did_not_happen"), true);
  EXPECT_EQ(first.at("outcome"), "regressed");
}

/// A cgroup of the test "tenants" as a file of results has it.
json::object figures(const std::string& name) {
  return json::parse(cgroup(name, name == "web" ? 25'700 : 137'000, 1000)).as_object();
}

/// One result of one manifest with these cgroups, stored at a commit of its own.
void store_cgroups(const Project& project, const json::array& cgroups) {
  project.write("cgroups.json", json::serialize(json::object{{"cgroups", cgroups}}));
  project.commit("results");
  const ProgramResult ran = project.ktstr({"test"});
  if (ran.exit_code != 0) throw std::runtime_error(ran.out + ran.err);
}

TEST(CgroupDelta, OfOneManifestNoCgroupMayVanish) {
  json::object no_workers = figures("web"), rare = figures("web");
  for (const char* key : {"num_workers", "total_iterations", "iterations_per_worker", "p99_wake_latency_us",
                          "median_wake_latency_us", "wake_latency_samples"})
    no_workers[key] = 0;
  rare["p99_wake_latency_us"] = rare["median_wake_latency_us"] = rare["wake_latency_samples"] = 1;
  struct Row {
    const char *head, *says;
    json::array cgroups;
  };
  const std::vector<Row> rows = {
      {"web is gone", "1 cgroup is not in the results of HEAD (web)", {figures("batch")}},
      {"all are gone", "2 cgroups are not in the results of HEAD", {}},
      {"web has no workers", "did not come about on HEAD", {no_workers, figures("batch")}},
      {"web woke up once",
       "web had only 1 wake-up a run on HEAD, 400 on the baseline",
       {rare, figures("batch")}}};
  for (const Row& row : rows) {
    const Project project;
    project.write("tests/all.json", R"({"tests": [{"name": "tenants", "cgroups_file": "cgroups.json",
      "manifest_sha256": "aa", "metrics": {"worst_p99_wake_latency_us": 137000, "total_iterations": 2000}}]})");
    store_cgroups(project, {figures("web"), figures("batch")});
    store_cgroups(project, row.cgroups);
    const ProgramResult result = project.ktstr({"perf-delta", "--base", "HEAD~1"});
    EXPECT_EQ(result.exit_code, 5) << row.head << "\n" << result.out;
    EXPECT_TRUE(has(result, row.says)) << row.head << "\n" << result.out;
    EXPECT_FALSE(has(result, "better")) << row.head << "\n" << result.out;
  }
}

TEST(CgroupDelta, TwoCgroupsOfOneNameAreUnreadable) {
  const CgroupProject project(25'700, 1000);
  const std::string run = "target/ktstr/6.18.2-" + project.git({"rev-parse", "--short=7", "HEAD"});
  for (const auto& entry : fs::directory_iterator(project.directory() / run)) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".ktstr.json")) continue;
    json::value document = json::parse(project.tree.read(entry.path()));
    document.at("stats").at("cgroups").at(1).as_object()["name"] = "web";
    project.write(run + "/" + name, json::serialize(document));
  }
  const ProgramResult result = project.against_parent();
  EXPECT_EQ(result.exit_code, 5) << result.out;
  EXPECT_TRUE(has(result, "1 result cannot be read on HEAD")) << result.out;
  EXPECT_TRUE(has(result, "two cgroups named \"web\"")) << result.out;
}

TEST(CgroupDelta, StatisticsSayWhoStarved) {
  const CgroupProject project(0, 0);
  EXPECT_TRUE(has(project.ktstr({"stats"}), "starved=2"));
  const std::string run = "6.18.2-" + project.git({"rev-parse", "--short=7", "HEAD"});
  EXPECT_TRUE(has(project.ktstr({"stats", "explain-sidecar", "--run", run}),
                  "completed nothing: web: 2 of 2 workers"));
}

}  // namespace
}  // namespace ktstr::testing
