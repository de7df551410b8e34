// SPDX-License-Identifier: Apache-2.0
//
// The runner `slurm`, with tools that only look like Slurm's (fake_slurm.py): what a real cluster does by
// itself once in a while is done here on request. slurm_farm.py is the same on a real one.
#include <signal.h>

#include <fstream>

#include "integration/project.hpp"

namespace ktstr::testing {
namespace {

class Slurm : public ::testing::Test {
 protected:
  Slurm() {
    for (const char* tool : {"sbatch", "squeue", "scontrol", "scancel", "sinfo"})
      fs::create_symlink(KTSTR_FAKE_SLURM, project.tree.directory("tools") / tool);
    project.tree.directory("slurm");
    configure("");
  }
  ~Slurm() override { fs::remove(file("down")); }  // what still runs may end

  void configure(const std::string& more) const {
    project.write("ktstr.json", R"({"project": "demo", "runner": {"use": "slurm", "options": {
      "runner": "fake", "poll_s": 1, "result_wait_s": 1, "node_wait_s": 2, "controller_wait_s": 2)" +
                                    more + "}}}");
  }
  void tests(const std::string& list) const {
    project.write("tests/all.json", R"({"tests": [)" + list + "]}");
  }
  /// What the nodes have for ktstr: `script`, then the real one.
  void tools_on_nodes(const std::string& script) const {
    project.write("farm/ktstr", "#!/bin/sh\ncase \" $* \" in *\" run \"*)\n" + script + ";;\nesac\nexec " +
                                    std::string(KTSTR_BINARY) + " \"$@\"\n");
    fs::permissions(project.directory() / "farm/ktstr", fs::perms(0755));
    configure(R"(, "ktstr": "farm/ktstr")");
  }
  void plan(const std::string& json) const { project.tree.write("slurm/plan.json", json); }
  fs::path file(const char* name) const { return project.tree / "slurm" / name; }
  std::string calls() const { return text_of(file("calls")); }
  static std::string text_of(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  Variables variables() const {
    return {{"PATH", (project.tree / "tools").string() + ":" + std::getenv("PATH")},
            {"FAKE_SLURM", (project.tree / "slurm").string()}};
  }
  ProgramResult ktstr(const Arguments& arguments) const { return project.ktstr(arguments, variables()); }

  std::vector<json::value> sidecars(const std::string& below = "target/ktstr") const {
    std::vector<json::value> found;
    for (const auto& entry : fs::recursive_directory_iterator(project.directory() / below)) {
      if (entry.path().filename().string().find(".ktstr.json") != std::string::npos)
        found.push_back(json::parse(text_of(entry.path())));
    }
    return found;
  }
  void expect_nothing_left() const {
    const fs::path shared = project.directory() / "target/ktstr-farm";
    for (const auto& entry : fs::directory_iterator(shared)) ADD_FAILURE() << entry.path() << " was left";
    EXPECT_NE(calls().find("scancel --quiet --name=ktstr-farm-"), std::string::npos) << calls();
  }
  static void expect_text(const ProgramResult& result, const std::string& part) {
    EXPECT_NE((result.out + result.err).find(part), std::string::npos) << "no \"" << part << "\" in\n"
                                                                       << result.out << result.err;
  }

  Project project;
};

TEST_F(Slurm, EachTestIsATaskAndEndsAsItDid) {
  tests(
      R"({"name": "fine", "artifacts": ["trace.txt"]}, {"name": "bad", "outcome": "failed", "message": "it broke", "dump": true},
    {"name": "left_out", "outcome": "skipped", "message": "not here"}, {"name": "ill", "outcome": "error", "message": "no room"})");
  const ProgramResult result = ktstr({"test"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  expect_text(result, "4 tests run: 1 passed, 1 failed, 1 could not run, 1 skipped");
  expect_text(result, "bad 1n1l2c1t eevdf: it broke");
  EXPECT_NE(result.out.find(": no room"), std::string::npos);
  const std::string seen = calls();
  EXPECT_NE(seen.find("--array=0-3"), std::string::npos) << seen;
  EXPECT_EQ(seen.find("sbatch"), seen.rfind("sbatch")) << seen;  // one job
  const auto all = sidecars();
  ASSERT_EQ(all.size(), 3U);
  for (const json::value& sidecar : all) {
    EXPECT_TRUE(std::string(sidecar.at("node").as_string()).starts_with("kn"));
    EXPECT_TRUE(sidecar.at("host").as_object().contains("cpu_model"));
    EXPECT_TRUE(sidecar.at("host_before").as_object().contains("load_1m"));
  }
  bool trace = false, dump = false;
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target/ktstr")) {
    const std::string name = entry.path().filename().string();
    trace = trace || (name.ends_with(".artifact-trace.txt") && text_of(entry.path()).starts_with("part 0"));
    dump = dump || name.ends_with(".failure-dump.json");
  }
  EXPECT_TRUE(trace && dump);
  expect_nothing_left();
}

TEST_F(Slurm, ATaskThatIsRunAgainLeavesOneResult) {
  tests(R"({"name": "a", "sleep_ms": 600}, {"name": "b", "sleep_ms": 600}, {"name": "c", "sleep_ms": 600})");
  plan(R"({"lose": {"1": "requeue"}})");
  const ProgramResult result = ktstr({"test"});
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  expect_text(result, "b was begun 2 times until it ended");
  EXPECT_EQ(sidecars().size(), 3U);
  expect_nothing_left();
}

TEST_F(Slurm, ALostNodeCostsItsTestsAndIsNoFailure) {
  tests(R"({"name": "a", "sleep_ms": 600}, {"name": "b", "sleep_ms": 600}, {"name": "c", "sleep_ms": 600})");
  plan(R"({"lose": {"1": "NODE_FAIL"}})");
  const ProgramResult result = ktstr({"test"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  expect_text(result, "2 passed, 1 could not run");
  expect_text(result, ": the node failed, and Slurm did not run the task again (NODE_FAIL)");
  EXPECT_EQ(sidecars().size(), 2U);
  expect_nothing_left();
}

TEST_F(Slurm, CtrlCCancelsTheJob) {
  tests(R"({"name": "a", "sleep_ms": 60000}, {"name": "b", "sleep_ms": 60000})");
  RunningProgram running(project.program({"test"}, variables()));
  ASSERT_TRUE(running.wait_for_text("Slurm job 100: 2 tests"));
  running.send(SIGINT);
  const ProgramResult result = running.wait();
  EXPECT_EQ(result.exit_code, 130) << result.out << result.err;
  expect_nothing_left();
  EXPECT_TRUE(sidecars().empty());
}

TEST_F(Slurm, WithoutAControllerNothingStarts) {
  project.tree.write("slurm/down", "");
  const ProgramResult result = ktstr({"test"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  expect_text(result,
              "ktstr: error: sbatch: Unable to contact slurm controller (connect failure)\n"
              "ktstr:        is slurmctld running? scontrol ping tells\n");
  EXPECT_EQ(calls().find("scancel"), std::string::npos) << calls();
  const ProgramResult doctor = ktstr({"doctor"});
  EXPECT_EQ(doctor.exit_code, 3);
  expect_text(doctor, "FAIL  Slurm's nodes");
}

TEST_F(Slurm, AControllerThatDiesCostsWhatWaits) {
  tests(R"({"name": "a", "sleep_ms": 2000}, {"name": "b", "sleep_ms": 60000})");
  RunningProgram running(project.program({"test"}, variables()));
  ASSERT_TRUE(running.wait_for_text("Slurm job 100: 2 tests"));
  project.tree.write("slurm/down", "");
  const ProgramResult result = running.wait();
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  expect_text(result, "Slurm's controller does not answer; tests that run go on");
  expect_text(result, "Slurm's controller has not answered for 2 s");
  expect_text(result, "scancel --name=ktstr-farm-");
  EXPECT_EQ(sidecars().size(), 1U) << result.out << result.err;
}

TEST_F(Slurm, WithoutToolsOneLineSaysWhatToInstall) {
  Variables bare = variables();
  bare["PATH"] = project.tree.directory("none").string();
  const ProgramResult result = project.ktstr({"test"}, bare);
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  expect_text(result, "cannot start sbatch");
  expect_text(result, "apt-get install slurm-client");
}

TEST_F(Slurm, BothSidesOfAPairRunOnOneNode) {
  tests(R"({"name": "a"}, {"name": "b"}, {"name": "c"})");
  configure("");
  project.commit("one");
  project.commit("two");
  const ProgramResult result =
      ktstr({"perf-delta", "--base", "HEAD~1", "--noise-adjust", "2", "--kernel", "6.18"});
  EXPECT_NE(result.exit_code, 3) << result.out << result.err;
  std::map<std::string, std::set<std::string>> nodes;
  const auto all = sidecars();
  EXPECT_EQ(all.size(), 12U) << result.out << result.err << text_of(file("errors")) << calls();
  for (const json::value& sidecar : all)
    nodes[json::serialize(sidecar.at("test_name")) + json::serialize(sidecar.at("perf_delta").at("block"))]
        .insert(std::string(sidecar.at("node").as_string()));
  EXPECT_EQ(nodes.size(), 6U);
  for (const auto& [pair, of] : nodes) EXPECT_EQ(of.size(), 1U) << pair;
  const std::string seen = calls();
  EXPECT_NE(seen.find("ReqNodeList=kn3"), std::string::npos) << seen;
  EXPECT_NE(seen.find("scontrol release"), std::string::npos) << seen;
}

TEST_F(Slurm, WhatAKilledKtstrLeftIsCancelled) {
  project.tree.write("project/target/ktstr-farm/ktstr-farm-AbCdEf.lock", "");
  project.tree.write("project/target/ktstr-farm/ktstr-farm-AbCdEf/task.json", "{}");
  ASSERT_EQ(ktstr({"test", "plain"}).exit_code, 0);
  EXPECT_NE(calls().find("scancel --quiet --name=ktstr-farm-AbCdEf"), std::string::npos) << calls();
  expect_nothing_left();
}

TEST_F(Slurm, WhatNodesWriteIsRefusedWhenItIsNoResult) {
  tests(R"({"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"})");
  project.tree.write("secret", "of this machine");
  const std::string head =
      R"({"schema_version": 1, "test": "d", "outcome": "failed", "attempt": 1, "duration_ns": 1, )";
  project.write(
      "farm/ktstr",
      "#!/bin/sh\ncase \" $* \" in *\" discover \"*) exec " + std::string(KTSTR_BINARY) +
          " \"$@\";; esac\n"
          "while [ $# -gt 0 ]; do [ \"$1\" = --dir ] && dir=$2; shift; done\n"
          "mkdir \"$dir\"; cd \"$dir\"\ncase $SLURM_ARRAY_TASK_ID in\n"
          "0) ln -s " +
          (project.tree / "secret").string() +
          " result.json;;\n"
          "1) echo '{\"schema_version\": 1, \"test\": \"a\"}' >result.json;;\n"
          "2) echo '{\"schema' >result.json;;\n"
          "3) ln -s " +
          (project.tree / "secret").string() + " artifact-0; echo '" + head +
          R"("message": "red \u001b[31m", "sidecar": null, "node": "kn1", "host": {}, "host_before": {}, )"
          R"("artifacts": [{"name": "x.txt", "type": "text/plain", "failure": true}]})"
          "' >result.json;;\nesac\n");
  fs::permissions(project.directory() / "farm/ktstr", fs::perms(0755));
  configure(R"(, "ktstr": "farm/ktstr")");
  const ProgramResult result = ktstr({"test"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  expect_text(result, "1 failed, 3 could not run");
  expect_text(result, "a result of \"a\"");
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  for (const auto& entry : fs::recursive_directory_iterator(project.directory() / "target")) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(text_of(entry.path()).find("of this machine"), std::string::npos) << entry.path();
  }
  EXPECT_TRUE(sidecars().empty());
}

TEST_F(Slurm, AJobGetsNoSecrets) {
  tests(R"({"name": "a"})");
  const std::string seen = (project.tree / "seen").string();
  tools_on_nodes("env >" + seen);
  Variables more = variables();
  more["AWS_SECRET_ACCESS_KEY"] = more["GITHUB_TOKEN"] = "not-for-nodes";
  more["HOUSE_SETTING"] = "for nodes";
  const ProgramResult result = project.ktstr({"test"}, more);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_NE(text_of(seen).find("HOUSE_SETTING=for nodes"), std::string::npos) << text_of(seen);
  EXPECT_EQ(text_of(seen).find("not-for-nodes"), std::string::npos) << text_of(seen);
}

/// The project, or the kernel, lies where only the machine that submits has it.
TEST_F(Slurm, WhatANodeLacksIsSaidWithItsName) {
  tests(R"({"name": "a"}, {"name": "b"})");
  tools_on_nodes(R"(
    while [ $# -gt 0 ]; do case $1 in --dir) dir=$2;; --node) node=$2;; esac; shift; done
    key=project_dir; [ $SLURM_ARRAY_TASK_ID = 0 ] || key=image
    sed "s#\"$key\": *\"[^\"]*\"#\"$key\": \"/nowhere\"#" "${dir%/out/*}/task.json" >"$dir.json"
    set -- -C / plugin call run "$dir.json" --test $SLURM_ARRAY_TASK_ID --dir "$dir" --node $node)");
  const ProgramResult result = ktstr({"test"});
  EXPECT_EQ(result.exit_code, 3) << result.out << result.err;
  EXPECT_TRUE(std::regex_search(result.out, std::regex("kn[123]: this machine has no /nowhere, where")))
      << result.out;
  expect_text(result, "this machine has no /nowhere, the kernel's image");
  expect_text(result, "TMPDIR=/shared/tmp ktstr perf-delta");
}

TEST_F(Slurm, AProjectSaysNoPlaceOutsideOfItself) {
  configure(R"(, "shared_dir": "/srv/farm")");
  EXPECT_EQ(ktstr({"test"}).exit_code, 2);
  configure(R"(, "sbatch_args": ["--output=/etc/passwd"])");
  EXPECT_EQ(ktstr({"test"}).exit_code, 2);
  EXPECT_EQ(calls(), "");
}

TEST_F(Slurm, MistakesInManifestsAreTheInnerRunners) {
  tests(R"({"name": "a", "no_such_key": 1})");
  expect_error(ktstr({"test"}), 2, {"tests/all.json", "no_such_key"});
}

}  // namespace
}  // namespace ktstr::testing
