// SPDX-License-Identifier: Apache-2.0
//
// What a run directory tells of the tests that left no sidecar.
#include <csignal>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

class RunManifestFile : public ::testing::Test {
 protected:
  Project project;

  json::value manifest() const {
    json::value found;
    for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
      if (!entry.path().filename().string().ends_with(".run-manifest.json")) continue;
      EXPECT_TRUE(found.is_null()) << "more than one manifest";
      found = json::parse(project.tree.read(entry.path().lexically_relative(project.tree.path())));
    }
    return found;
  }
  static json::value outcome(const json::value& manifest, std::string_view test) {
    for (const json::value& one : manifest.at("tests").as_array()) {
      if (one.at("test").as_string() == test) return one.at("outcome");
    }
    return "no such test";
  }
};

TEST_F(RunManifestFile, TellsWhatWasMeantToRunAndHowItEnded) {
  project.write(
      "tests/all.json",
      R"({"tests": [{"name": "good"}, {"name": "bad", "outcome": "failed", "message": "too slow\nby far"}, {"name": "gone", "outcome": "error", "message": "no QEMU"},
                                                {"name": "other", "performance_mode": false}]})");
  EXPECT_EQ(project.ktstr({"test", "good", "bad", "gone"}).exit_code, 3);
  const json::value written = manifest();
  ASSERT_TRUE(written.is_object());
  EXPECT_TRUE(written.at("ended").is_string());
  EXPECT_EQ(written.at("kernel").as_string(), "6.18.2");
  EXPECT_EQ(written.at("accelerator").as_string(), "tcg");
  EXPECT_EQ(written.at("time_source").as_string(), "host");
  EXPECT_EQ(written.at("project_commit").as_string(),
            project.git({"rev-parse", "--short=7", "HEAD"}) + "-dirty");
  EXPECT_EQ(outcome(written, "good").as_string(), "passed");
  EXPECT_EQ(outcome(written, "bad").as_string(), "failed");
  EXPECT_EQ(outcome(written, "gone").as_string(), "error");
  EXPECT_TRUE(outcome(written, "other").is_null());
  EXPECT_EQ(written.at("tests").at(0).at("reason").as_string(), "too slow");
}

TEST_F(RunManifestFile, OfAKilledOrInterruptedRunHasNoEnd) {
  project.write("tests/all.json", R"({"tests": [{"name": "at_once"}, {"name": "b", "sleep_ms": 60000}]})");
  for (const int signal : {SIGKILL, SIGINT}) {
    fs::remove_all(project.directory() / "target");
    RunningProgram run(project.program({"test", "--reporter", "terminal"}));
    ASSERT_TRUE(run.wait_for_text("at_once"));
    run.send(signal);
    run.wait();
    const json::value written = manifest();
    ASSERT_TRUE(written.is_object());
    EXPECT_TRUE(written.at("ended").is_null());
    EXPECT_TRUE(outcome(written, "b").is_null() || outcome(written, "b") != json::value("passed"));
  }
}

TEST_F(RunManifestFile, ASidecarThatCouldNotBeStoredIsNamed) {
  project.write("tests/all.json", R"({"tests": [{"name": "good"}, {"name": "torn", "sidecar": "broken"}]})");
  EXPECT_EQ(project.ktstr({"test"}).exit_code, 4);
  const json::value written = manifest();
  EXPECT_EQ(outcome(written, "good").as_string(), "passed");
  EXPECT_EQ(outcome(written, "torn").as_string(), "error");
}

}  // namespace
}  // namespace ktstr::testing
