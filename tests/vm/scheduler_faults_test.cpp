// SPDX-License-Identifier: Apache-2.0
//
// Schedulers that fail, each in its own way, and what their authors read. All of them in one invocation, in
// virtual time.
#include <gmock/gmock.h>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

struct Fault {
  const char* name;
  const char* program;
  const char* arguments;
  const char* more = "";  ///< of the scheduler
  int duration_ms = 200;
};

constexpr Fault kFaults[] = {
    {"wild_read", "scx_probe", R"("--fault", "wild-read")"},
    {"fail_init", "scx_probe", R"("--fault", "fail-init")"},
    {"give_up", "scx_probe", R"("--fault", "give-up")", "", 3000},
    {"lose_all", "scx_probe", R"("--fault", "lose-all", "--timeout-ms", "0")"},
    {"longer_leash", "scx_probe", R"("--fault", "lose-all", "--timeout-ms", "1000")",
     R"(, "watchdog_timeout_ms": 3000)"},
    {"shorter_leash", "scx_probe", R"("--fault", "lose-all", "--timeout-ms", "1000")"},
    {"partial", "scx_probe", R"("--partial")"},
    {"nonsense", "scx_probe", R"("--say-nonsense")"},
    {"equipped", "scx_probe", R"("--need", "PROBE_MODE", "conf/probe.json")",
     R"(, "env": {"PROBE_MODE": "as told"}, "files": ["conf/probe.json"])"},
    {"talk", "misbehave", R"("talk")"},
    {"crash", "misbehave", R"("crash")"},
    {"background", "misbehave", R"("background")"},
    {"eat", "misbehave", R"("eat")"},
    {"connect", "misbehave", R"("connect")", R"(, "attach_timeout_ms": 400)"},
    {"loop", "misbehave", R"("loop")", R"(, "attach_timeout_ms": 400)"},
    {"usage", "misbehave", R"("usage")"},
    {"dots", "scx_probe", R"("--dots-ms", "3600")", R"(, "attach_timeout_ms": 800)"},
};

std::string manifest() {
  std::string tests;
  for (const Fault& fault : kFaults) {
    tests += (tests.empty() ? "" : ",") + std::string(R"({"name": ")") + fault.name +
             R"(", "topology": "1n2l1c1t", "duration_ms": )" + std::to_string(fault.duration_ms) +
             R"(, "scheduler": {"name": "mine", "binary": ")" KTSTR_VM_SCHEDULERS "/" + fault.program +
             R"(", "args": [)" + fault.arguments + "]" + fault.more + R"(},
      "cgroups": [{"name": "spin", "workers": 3, "work": {"type": "SpinWait"}}], "assert": {"not_stuck": true}})";
  }
  return R"({"tests": [)" + tests + "]}";
}

class SchedulerFaults : public VmCase {
 protected:
  /// A test of a scheduler that lies in the project.
  static std::string of_project(const std::string& program, const std::string& more) {
    return R"({"name": "own", "topology": "1n2l1c1t", "duration_ms": 200, "scheduler": {"name": "mine", "binary": ")" +
           program + "\"" + more + R"(},
      "cgroups": [{"name": "spin", "workers": 3, "work": {"type": "SpinWait"}}], "assert": {"not_stuck": true}})";
  }
};

TEST_F(SchedulerFaults, EachIsToldOnceWithItsReason) {
  fs::create_directories(directory() / "conf");
  std::ofstream(directory() / "conf/probe.json") << "{}";
  const std::map<std::string, TestRecord> records = run(manifest(), {{"deterministic", true}});
  ASSERT_EQ(status, KTSTR_OK) << error_text;
  ASSERT_EQ(records.size(), std::size(kFaults));
  const auto message = [&](const char* name) { return records.at(name).message; };
  const auto log = [&](const char* name) {
    return std::string(json::parse(records.at(name).dump).at("scheduler_log").as_string());
  };

  EXPECT_THAT(message("wild_read"),
              AllOf(HasSubstr("the BPF verifier refused probe_enqueue: R"),
                    HasSubstr("invalid mem access 'scalar'"), HasSubstr("\nverifier: ")));
  EXPECT_THAT(message("fail_init"),
              EndsWith("did not attach: the kernel refused it: runtime error: ops.init() failed (-22)"));
  EXPECT_THAT(message("give_up"), HasSubstr("the kernel ejected the scheduler \"mine\": scx_bpf_error: 200 "
                                            "is more than this scheduler can count"));
  EXPECT_THAT(log("give_up"), HasSubstr("scx_probe: thrown out")) << "it had the time for its last words";
  EXPECT_THAT(message("lose_all"), ContainsRegex("runnable task stall: .* failed to run for [5-7][.]"));
  EXPECT_THAT(message("longer_leash"), ContainsRegex("failed to run for [34][.]"))
      << "the manifest's limit holds, not the scheduler's";
  EXPECT_THAT(message("shorter_leash"), ContainsRegex("failed to run for 1[.]"))
      << "a shorter limit of its own stays";
  EXPECT_EQ(records.at("partial").outcome, KTSTR_TEST_INCONCLUSIVE);
  EXPECT_THAT(message("partial"), HasSubstr("had no worker under it"));
  EXPECT_EQ(records.at("nonsense").outcome, KTSTR_TEST_PASSED) << message("nonsense");
  EXPECT_EQ(records.at("equipped").outcome, KTSTR_TEST_PASSED) << message("equipped");
  EXPECT_THAT(message("talk"),
              AllOf(HasSubstr("it exited with status 9"), EndsWith("..misbehave: the real reason")));
  EXPECT_THAT(log("talk"), AllOf(HasSubstr("misbehave: starting"), HasSubstr(" bytes left out]"),
                                 EndsWith("misbehave: the real reason")));
  EXPECT_THAT(message("crash"), HasSubstr("it was killed by signal 11 (Segmentation fault)"));
  EXPECT_THAT(message("background"),
              AllOf(HasSubstr("went on in the background"), HasSubstr("it must stay in the foreground")));
  EXPECT_THAT(message("eat"), HasSubstr("the guest of 256 MiB ran out of memory: raise memory_mib"));
  EXPECT_THAT(message("connect"),
              ContainsRegex("still disabled after [4-9][0-9]+ ms: its main thread sleeps in .*raise "
                            "attach_timeout_ms [(]400[)] if it needs longer"));
  EXPECT_THAT(message("loop"), ContainsRegex("still disabled after .*its main thread is running"));
  EXPECT_THAT(message("usage"), HasSubstr("misbehave: unrecognized option '--slice'"));
  EXPECT_EQ(records.at("dots").outcome, KTSTR_TEST_PASSED) << "whoever prints is alive: " << message("dots");
  for (const char* failed : {"wild_read", "fail_init", "give_up", "lose_all", "talk", "crash", "background",
                             "eat", "connect", "loop", "usage"}) {
    EXPECT_EQ(records.at(failed).outcome, KTSTR_TEST_FAILED) << failed;
    EXPECT_THAT(message(failed), Not(HasSubstr("made no progress"))) << failed;
  }
}

TEST_F(SchedulerFaults, AScriptRunsWithItsInterpreterAndTheProgramBesideIt) {
  fs::create_directories(directory() / "bin");
  fs::copy_file(KTSTR_VM_SCHEDULERS "/scx_probe", directory() / "bin/probe");
  std::ofstream(directory() / "start.sh") << "#!/bin/sh\necho \"attaching $1\"\nexec bin/probe\n";
  fs::permissions(directory() / "start.sh", fs::perms::owner_all);
  const TestRecord record = run_one(of_project("start.sh", R"(, "args": ["now"], "files": ["bin/probe"])"),
                                    {{"deterministic", true}});
  EXPECT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message << record.dump;
}

TEST_F(SchedulerFaults, AMissingLibraryIsNamedBeforeAnyBoot) {
  std::ifstream in(KTSTR_VM_SCHEDULERS "/scx_probe", std::ios::binary);
  std::string program((std::istreambuf_iterator<char>(in)), {});
  const std::size_t name = program.find("libbpf.so.1");
  ASSERT_NE(name, std::string::npos);
  program.replace(name, 6, "libbpq");
  std::ofstream(directory() / "lacking", std::ios::binary) << program;
  fs::permissions(directory() / "lacking", fs::perms::owner_all);
  const TestRecord record = run_one(of_project("lacking", ""));
  EXPECT_EQ(record.outcome, KTSTR_TEST_ERROR);
  EXPECT_THAT(record.message, AllOf(HasSubstr("libbpq.so.1"), HasSubstr("looked")));
  EXPECT_EQ(record.dump, "") << "there was no guest";
}

TEST_F(SchedulerFaults, TheDumpOfAStallTellsWhatTheKernelAndTheSchedulerKnew) {
  const std::map<std::string, TestRecord> first = run(manifest(),
                                                      {{"deterministic", true}, {"tests", {"lose_all"}}}),
                                          again = run(manifest(),
                                                      {{"deterministic", true}, {"tests", {"lose_all"}}});
  ASSERT_EQ(first.size(), 1U) << error_text;
  const TestRecord& record = first.at("lose_all");
  ASSERT_EQ(record.message, again.at("lose_all").message);
  EXPECT_EQ(record.dump, again.at("lose_all").dump) << "in virtual time a dump is the same in every run";
  EXPECT_EQ(record.report, again.at("lose_all").report);
  EXPECT_THAT(record.report, AllOf(HasSubstr("\nworkers:\n  spin "), HasSubstr("\ntasks:\n"),
                                   ContainsRegex("  spin/[012] [0-9]+: [RS]"), HasSubstr("\nrun queues"),
                                   HasSubstr(" in the local DSQ")));
  EXPECT_THAT(record.report, AllOf(HasSubstr("\nthe kernel's dump of the scheduler:\n"),
                                   HasSubstr("runnable task stall"), HasSubstr("CPU states")));
  EXPECT_THAT(record.report, AllOf(HasSubstr("(array of 1 entry)"), HasSubstr("    fault = 2\n"),
                                   ContainsRegex("    enqueued = [1-9][0-9]*\n")))
      << "its maps, by the names of its variables";
}

TEST_F(SchedulerFaults, TheDumpOfARefusalHasTheVerifiersLog) {
  const std::map<std::string, TestRecord> records =
      run(manifest(), {{"deterministic", true}, {"tests", {"wild_read"}}});
  EXPECT_THAT(records.at("wild_read").report,
              AllOf(HasSubstr("\nverifier:\n"), HasSubstr("invalid mem access 'scalar'\n")));
}

}  // namespace
}  // namespace ktstr::vm
