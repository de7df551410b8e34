// SPDX-License-Identifier: Apache-2.0
//
// The runner proxy over the runner that the integration tests use, and that runner's own promises.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fixture_plugins.hpp"
#include "support/json.hpp"

namespace ktstr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Events : public RunEventsPort {
 public:
  void started(std::string_view test) override {
    log.push_back("started " + std::string(test));
    running = true;
  }
  void progress(std::string_view, std::string_view, double) override {}
  Result<ArtifactPort*> artifact(const ArtifactRequest& request) override {
    log.push_back("artifact " + std::string(request.test) + " " + std::string(request.name));
    return plugin_error("full");  // the runner goes on
  }
  Status finished(const TestEnd& end) override {
    if (!end.sidecar.empty()) sidecars.emplace_back(end.sidecar);
    log.push_back("finished " + std::string(end.test) + " " + std::to_string(static_cast<int>(end.outcome)) +
                  " " + std::string(end.message));
    return Ok{};
  }
  std::vector<std::string> log, sidecars;
  std::atomic<bool> running{false};
};

class FakeRunner : public ::testing::Test, protected FixturePlugins {
 protected:
  FakeRunner() { install("fake-runner"); }
  std::string request(const std::string& manifest, json::object more = {}) const {
    tree.write("p/m.json", manifest);
    more["project_dir"] = (tree / "p").string();
    more["manifests"] = json::array{(tree / "p/m.json").string()};
    more["kernel"] = {{"image", "/k"}, {"version", "6.18.12"}, {"release", "6.18.12+x"}};
    return to_text(more, 0);
  }
};

TEST_F(FakeRunner, DiscoversAndRuns) {
  auto all = catalogue();
  auto runner = all.make_runner("fake", "{}");
  ASSERT_TRUE(runner) << runner.error().message;
  EXPECT_EQ(*(*runner)->probe("{}"),
            R"({"checks":[{"name":"fake machine","state":"ok","found":"always there","fix":""}]})");
  const std::string text = request(
      R"({"tests": [{"name": "b", "outcome": "failed", "message": "broke\nbadly"}, {"name": "a", "performance_mode": false}, {"name": "c", "outcome": "error"}]})");
  const auto tests = (*runner)->discover(text);
  ASSERT_TRUE(tests) << tests.error().message;
  ASSERT_EQ(tests->size(), 3U);
  EXPECT_EQ((*tests)[0].name, "a");
  EXPECT_FALSE((*tests)[0].performance_mode);
  Events events;
  ASSERT_TRUE((*runner)->run(text, events));
  EXPECT_THAT(events.log,
              ElementsAre("started a", "finished a 0 ", "started b", "artifact b dump.json",
                          "finished b 1 broke\nbadly", "started c", "finished c 4 the manifest says so"));
  const auto sidecar = parse_json(events.sidecars[1], "s");
  EXPECT_EQ(to_text(sidecar->at("failure"), 0), R"(["broke","badly"])");
  EXPECT_EQ(sidecar->at("kernel_version"), "6.18.12");
}

TEST_F(FakeRunner, FiltersAndLaysFilesOver) {
  auto all = catalogue();
  auto runner = all.make_runner("fake", "{}");
  tree.write("p/perf.json", R"({"worst_gap_ms": 77, "monitor.stuck_count": 2})");
  const std::string manifest =
      R"({"tests": [{"name": "a", "performance_mode": false}, {"name": "b", "metrics": {"worst_gap_ms": 5}, "metrics_file": "perf.json"}]})";
  Events events;
  ASSERT_TRUE(
      (*runner)->run(request(manifest, {{"performance_only", true}, {"deterministic", true}}), events));
  ASSERT_EQ(events.sidecars.size(), 1U);
  const auto sidecar = parse_json(events.sidecars[0], "s");
  EXPECT_EQ(sidecar->at("stats").at("worst_gap_ms"), 77);
  EXPECT_EQ(sidecar->at("monitor").at("stuck_count"), 2);
  EXPECT_EQ(sidecar->at("time_source"), "virtual");
  Events named;
  ASSERT_TRUE((*runner)->run(request(manifest, {{"tests", json::array{"a"}}}), named));
  EXPECT_THAT(named.log, ElementsAre("started a", "finished a 0 "));
  EXPECT_FALSE((*runner)->run(request(manifest, {{"tests", json::array{"zzz"}}}), named));
  EXPECT_EQ((*runner)->discover(request(R"({"name": "a", "metrics_file": "../perf.json"})")).error().code,
            ExitCode::kUsage);
}

TEST_F(FakeRunner, JitterComesFromTheSeed) {
  auto all = catalogue();
  auto runner = all.make_runner("fake", "{}");
  const auto gap = [&](std::uint64_t seed) {
    Events events;
    EXPECT_TRUE((*runner)->run(
        request(R"({"name": "a", "metrics": {"worst_gap_ms": 100}, "jitter": 0.1})", {{"seed", seed}}),
        events));
    return parse_json(events.sidecars.at(0), "s")->at("stats").at("worst_gap_ms").to_number<double>();
  };
  EXPECT_EQ(gap(1), gap(1));
  EXPECT_NE(gap(1), gap(2));
  EXPECT_NEAR(gap(3), 100, 10);
}

TEST_F(FakeRunner, StopsWhenInterruptedOrCancelled) {
  auto all = catalogue();
  auto runner = all.make_runner("fake", "{}");
  const std::string text = request(R"({"name": "a", "sleep_ms": 60000})");
  for (const bool by_interrupt : {true, false}) {
    Events events;
    std::thread stopper([&] {
      while (!events.running) std::this_thread::yield();
      if (by_interrupt) {
        (*runner)->interrupt();
      } else {
        cancelled = true;
      }
    });
    const Status status = (*runner)->run(text, events);
    stopper.join();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, ExitCode::kInterrupted);
    EXPECT_THAT(events.log, ElementsAre("started a"));
  }
}

TEST_F(FakeRunner, TwoTestsOfOneNameAreRefused) {
  auto all = catalogue();
  auto runner = all.make_runner("fake", R"({"same_names": true})");
  ASSERT_TRUE(runner) << runner.error().message;
  const auto tests = (*runner)->discover(request(R"({"tests": [{"name": "a"}, {"name": "b"}]})"));
  ASSERT_FALSE(tests);
  EXPECT_EQ(tests.error().code, ExitCode::kPlugin);
  EXPECT_THAT(tests.error().message, HasSubstr("names two tests \"a\""));
}

TEST_F(FakeRunner, OptionsMakeItFail) {
  auto all = catalogue();
  EXPECT_EQ(all.make_runner("fake", "{\"x\":1}").error().code, ExitCode::kUsage);
  EXPECT_THAT(*(*all.make_runner("fake", "{\"ready\":false}"))->probe("{}"), HasSubstr("\"state\":\"fail\""));
  Events events;
  const Status status =
      (*all.make_runner("fake", "{\"fail_run\":\"no QEMU\"}"))->run(request(R"({"name": "a"})"), events);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ExitCode::kEnvironment);
  EXPECT_EQ(status.error().message, "no QEMU");
}

}  // namespace
}  // namespace ktstr
