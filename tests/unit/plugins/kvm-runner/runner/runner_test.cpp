// SPDX-License-Identifier: Apache-2.0
//
// The whole runner with made-up machines: what it asks of them and what it tells the host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "runner/kvm_runner.hpp"
#include "samples.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A host that records everything.
struct RecordingHost {
  std::mutex mutex;
  std::vector<std::string> log, notes, started;
  std::map<std::string, std::string> sidecars, dumps, reports, messages;
  std::map<std::string, std::uint32_t> outcomes;
  std::atomic<bool> cancel{false};
  ktstr_host table{};
  ktstr_run_events events{};

  RecordingHost() {
    table.size = sizeof table;
    table.ctx = this;
    table.log = [](const ktstr_host* host, std::int32_t, ktstr_str line) noexcept {
      of(host->ctx).add(of(host->ctx).log, line);
    };
    table.cancelled = [](const ktstr_host* host) noexcept -> std::int32_t {
      return of(host->ctx).cancel ? 1 : 0;
    };
    events.size = sizeof events;
    events.ctx = this;
    events.started = [](void* ctx, ktstr_str test) noexcept { of(ctx).add(of(ctx).started, test); };
    events.progress = [](void* ctx, const ktstr_progress* news) noexcept {
      of(ctx).add(of(ctx).notes, news->text);
    };
    events.artifact = [](void* ctx, const ktstr_artifact* artifact,
                         ktstr_writer* out) noexcept -> ktstr_status {
      const bool dump = sdk::view(artifact->name) == "dump.json";
      EXPECT_TRUE(dump || sdk::view(artifact->name) == "report.txt");
      EXPECT_EQ(artifact->flags, KTSTR_ARTIFACT_FAILURE);
      const std::lock_guard lock(of(ctx).mutex);
      out->ctx = &(dump ? of(ctx).dumps : of(ctx).reports)[std::string(sdk::view(artifact->test))];
      out->write = [](void* text, const void* data, std::uint64_t len) noexcept -> ktstr_status {
        static_cast<std::string*>(text)->append(static_cast<const char*>(data), len);
        return KTSTR_OK;
      };
      return KTSTR_OK;
    };
    events.finished = [](void* ctx, const ktstr_test_end* end) noexcept -> ktstr_status {
      if (end->sidecar.len > 0) of(ctx).keep(of(ctx).sidecars, end->test, end->sidecar);
      of(ctx).keep(of(ctx).messages, end->test, end->message);
      const std::lock_guard lock(of(ctx).mutex);
      of(ctx).outcomes[std::string(sdk::view(end->test))] = end->outcome;
      return KTSTR_OK;
    };
  }
  static RecordingHost& of(void* ctx) { return *static_cast<RecordingHost*>(ctx); }
  void add(std::vector<std::string>& list, ktstr_str text) {
    const std::lock_guard lock(mutex);
    list.emplace_back(sdk::view(text));
  }
  ktstr_status keep(std::map<std::string, std::string>& map, ktstr_str test, ktstr_str text) {
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(map.emplace(sdk::view(test), sdk::view(text)).second) << "twice for one test";
    return KTSTR_OK;
  }
};

struct RunnerCase : ::testing::Test {
  samples::TemporaryDirectory directory;
  RecordingHost host;
  std::vector<MachineRequest> requests;
  std::vector<std::string> specs, nonces;
  QemuVersion qemu{"10.0.2", 10, 0};
  AcceleratorVerdict accelerator{Accelerator::kTcg, "/dev/kvm does not exist; using TCG", true};
  std::function<MachineOutcome()> machine;
  std::optional<MachineError> machine_error;
  std::optional<bool> sched_ext;
  RunnerOptions options;
  MachineApi api;
  std::string manifest = R"({"tests": [
    {"name": "b", "topology": "1n2l1c1t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}], "performance_mode": true},
    {"name": "a", "topology": "1n2l1c1t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}], "assert": {"not_stuck": true}}]})";

  RunnerCase() {
    directory.write("kernel", "bzImage");
    directory.write("agent", "agent");
    machine = [] { return samples::completed(good()); };
    api.find_qemu = [this](const MachineEnvironment&, const std::atomic<bool>&, MachineError&) {
      return qemu;
    };
    api.choose_accelerator = [this](const MachineEnvironment&, AcceleratorChoice,
                                    const std::filesystem::path&, const std::atomic<bool>&,
                                    MachineError&) { return accelerator; };
    api.kernel_has_sched_ext = [this](const MachineEnvironment&, const std::filesystem::path&) {
      return sched_ext;
    };
    api.machine_memory_bytes = [](const MachineRequest&) { return std::uint64_t{1} << 20U; };
    api.run_machine = [this](const MachineEnvironment&, const MachineRequest& request, const GuestWork& work,
                             const std::atomic<bool>& cancel, const std::function<void(Stage)>&,
                             const std::function<void(const std::string&)>& note,
                             MachineError& error) -> std::optional<MachineOutcome> {
      note("making a template\x1b[2J");
      const std::string spec = work.make_spec(std::vector<std::uint64_t>(work.files.size(), 8192));
      {
        const std::lock_guard lock(host.mutex);
        requests.push_back(request);
        specs.push_back(spec);
        nonces.push_back(work.nonce);
      }
      if (machine_error) return error = *machine_error, std::nullopt;
      MachineOutcome outcome = machine();
      if (boost::system::error_code failed; !outcome.result.empty()) {  // as an agent that has read its spec
        json::value result = json::parse(outcome.result, failed);
        if (!failed && result.is_object()) {
          result.get_object()["nonce"] = work.nonce;
          follow(json::parse(spec), result.get_object(), outcome);
        }
        if (!failed) outcome.result = json::serialize(result);
      }
      if (cancel) outcome = {}, outcome.end = MachineEnd::kCancelled;
      return outcome;
    };
  }
  /// What an agent takes over from its spec.
  static void follow(const json::value& spec, json::object& result, MachineOutcome& outcome) {
    if (!result.at("scenario").is_object()) return;
    const std::int64_t length = spec.at("scenario").at("duration_ms").as_int64() * 1'000'000;
    json::object& scenario = result.at("scenario").as_object();
    scenario["end_ns"] = scenario.at("start_ns").as_int64() + length;
    outcome.seen.scenario_at_most = std::chrono::nanoseconds(length);
  }
  static json::object good() {
    json::object result = samples::result();
    result["scheduler"] = nullptr;
    json::object& scenario = result.at("scenario").as_object();
    json::object worker = samples::worker(90, 0);
    worker["samples"] = json::object();
    scenario["sets"] = samples::nested({worker});
    for (json::value& mark : scenario.at("marks").as_array())
      mark.at("sets") = json::array{samples::progress(250, nullptr)};
    scenario["pulses"] = json::array();
    return result;
  }
  std::string request(const json::object& more = {}) {
    json::object document{{"project_dir", directory.path().string()},
                          {"cache_dir", (directory.path() / "cache").string()},
                          {"manifests", json::array{directory.write("tests/a.json", manifest).string()}},
                          {"seed", 7},
                          {"kernel",
                           {{"image", (directory.path() / "kernel").string()},
                            {"version", "6.18.12"},
                            {"release", "6.18.12-x"}}}};
    for (const auto& entry : more) document[entry.key()] = entry.value();
    return json::serialize(document);
  }
  void run(const json::object& more = {}) {
    KvmRunner runner(sdk::Host(&host.table), options, directory.path() / "agent", api);
    runner.run(request(more), sdk::RunEvents(&host.events));
  }
  std::string error_of_run(const json::object& more = {}) {
    return samples::error_of([&] { run(more); });
  }
};

TEST_F(RunnerCase, ATestStartsFromAGuestInWhichItsSchedulerIsAttached) {
  directory.write("scx_demo", "#!/init\n");
  manifest =
      R"({"name": "a", "topology": "1n2l1c1t", "start_attached": true, "duration_ms": 100, "scheduler": {"name": "demo", "binary": "scx_demo"},
          "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]})";
  std::vector<std::size_t> before, files;
  std::string attaching;
  bool attaches = true;
  const auto works = api.run_machine;
  api.run_machine = [&](const MachineEnvironment& environment, const MachineRequest& wanted,
                        const GuestWork& work, const std::atomic<bool>& cancel,
                        const std::function<void(Stage)>& on_stage,
                        const std::function<void(const std::string&)>& note,
                        MachineError& error) -> std::optional<MachineOutcome> {
    before.push_back(work.before ? work.before->files.size() : 0);
    files.push_back(work.files.size());
    if (work.before) {
      attaching = work.before->make_spec(std::vector<std::uint64_t>(work.before->files.size(), 0));
      EXPECT_EQ(work.before->files.front().path, "/opt/ktstr/bin/scx_demo");
    }
    if (work.before && !attaches) return error.not_attached = true, std::nullopt;
    return works(environment, wanted, work, cancel, on_stage, note, error);
  };
  options.sysroot = directory.path();
  directory.write("init", "#!/init");
  const auto ran_as = [&](const json::object& more, bool saved) {
    before.clear(), files.clear(), host.messages.clear(), host.sidecars.clear();
    run(more);
    ASSERT_FALSE(before.empty()) << json::serialize(json::value_from(host.messages));
    EXPECT_EQ(before.front() > 0, saved);
    EXPECT_EQ(files.front() == 0, saved) << "what is there already is not taken along";
  };
  ran_as({{"deterministic", true}}, true);
  EXPECT_EQ(json::parse(attaching).at("scenario").at("sets").as_array().size(), 0U);
  EXPECT_EQ(json::parse(attaching).at("seed"), 0);
  ran_as({{"deterministic", true}, {"cold", true}}, false);
  ran_as({}, false);  // in real time
  attaches = false;
  ran_as({{"deterministic", true}}, true);
  ASSERT_EQ(before.size(), 2U) << "then it attaches in the guest itself, which shows why not";
  EXPECT_EQ(before.back(), 0U);
  EXPECT_GT(files.back(), 0U);
}

TEST_F(RunnerCase, AFullCacheIsLeftForATemporaryOneAndToldOnce) {
  std::vector<std::filesystem::path> used;
  const auto works = api.run_machine;
  api.run_machine = [&](const MachineEnvironment& environment, const MachineRequest& wanted,
                        const GuestWork& work, const std::atomic<bool>& cancel,
                        const std::function<void(Stage)>& on_stage,
                        const std::function<void(const std::string&)>& note,
                        MachineError& error) -> std::optional<MachineOutcome> {
    {
      const std::lock_guard lock(host.mutex);
      used.push_back(environment.cache_dir);
    }
    if (environment.cache_dir == directory.path() / "cache/runner-kvm") {
      error = {"cannot write " + environment.cache_dir.string() + "/vmlinux/1: No space left on device", "",
               true, true};
      return std::nullopt;
    }
    return works(environment, wanted, work, cancel, on_stage, note, error);
  };
  run();
  EXPECT_THAT(host.outcomes, ::testing::Each(::testing::Pair(::testing::_, KTSTR_TEST_PASSED)));
  EXPECT_EQ(host.outcomes.size(), 2U);
  const auto told = std::count_if(host.log.begin(), host.log.end(), [](const std::string& line) {
    return line.find("No space left on device; saved guests go to") != std::string::npos;
  });
  EXPECT_EQ(told, 1) << json::serialize(json::value_from(host.log));
  EXPECT_NE(used.back(), used.front());
}

TEST_F(RunnerCase, RunsAllTests) {
  run();
  EXPECT_EQ(host.outcomes,
            (std::map<std::string, std::uint32_t>{{"a", KTSTR_TEST_PASSED}, {"b", KTSTR_TEST_PASSED}}));
  EXPECT_EQ(host.started.size(), 2U);
  EXPECT_EQ(host.sidecars.size(), 2U);
  EXPECT_THAT(host.dumps, IsEmpty());
  const json::value sidecar = json::parse(host.sidecars.at("a"));
  EXPECT_TRUE(sidecar.at("passed").as_bool());
  EXPECT_EQ(sidecar.at("qemu_version").as_string(), "10.0.2");
  EXPECT_EQ(sidecar.at("accelerator").as_string(), "tcg");
  EXPECT_EQ(sidecar.at("time_source").as_string(), "host");
  EXPECT_EQ(sidecar.at("seed").as_int64(), 7);
  EXPECT_TRUE(sidecar.at("scheduler_sha256").is_null());
  EXPECT_EQ(json::parse(specs.at(0)).at("seed").as_int64(), 7);
  for (const std::string& note : host.notes) EXPECT_EQ(note.find('\x1b'), std::string::npos);
  EXPECT_THAT(host.notes, ::testing::Contains("/dev/kvm does not exist; using TCG"));
}

// Whatever a guest in virtual time could act on is the same in every run of a test.
TEST_F(RunnerCase, TwoRunsOfATestTellTheirGuestsTheSameAndKnowThemApart) {
  run({{"deterministic", true}});
  host.outcomes.clear(), host.messages.clear(), host.sidecars.clear();
  run({{"deterministic", true}});
  ASSERT_EQ(specs.size(), 4U);
  EXPECT_EQ(std::multiset<std::string>(specs.begin(), specs.begin() + 2),
            std::multiset<std::string>(specs.begin() + 2, specs.end()));
  EXPECT_EQ(std::set<std::string>(nonces.begin(), nonces.end()).size(), 4U);
  for (const std::string& nonce : nonces) EXPECT_EQ(nonce.size(), sizeof(MailboxHeader::nonce));
}

TEST_F(RunnerCase, DeterministicModeIsVirtualTimeOnTcg) {
  accelerator.accelerator = Accelerator::kKvm;
  run({{"deterministic", true}, {"cold", true}});
  for (const MachineRequest& asked : requests) {
    EXPECT_TRUE(asked.deterministic && asked.cold);
    EXPECT_EQ(asked.accelerator, Accelerator::kTcg);
  }
  EXPECT_EQ(json::parse(host.sidecars.at("b")).at("time_source").as_string(), "virtual");
  EXPECT_THAT(host.log, IsEmpty());
  qemu = {"7.2.22", 7, 2};
  host.sidecars.clear(), host.messages.clear();
  run({{"deterministic", true}});
  EXPECT_THAT(host.log, ElementsAre(HasSubstr("QEMU 7.2.22 runs vCPUs in long turns")));
}

TEST_F(RunnerCase, SelectsByNameAndByPerformanceMode) {
  run({{"tests", json::array{"a"}}});
  EXPECT_EQ(host.outcomes.size(), 1U);
  EXPECT_TRUE(host.outcomes.contains("a"));
  host.outcomes.clear(), host.sidecars.clear(), host.messages.clear();
  run({{"performance_only", true}});
  EXPECT_EQ(host.outcomes.size(), 1U);
  EXPECT_TRUE(host.outcomes.contains("b"));
  manifest = R"({"name": "wakeups", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]})";
  EXPECT_EQ(error_of_run({{"tests", json::array{"wakeup"}}}),
            "no test is named \"wakeup\" (did you mean \"wakeups\"?)");
}

TEST_F(RunnerCase, AFailureHasSidecarDumpAndMessage) {
  machine = [] {
    MachineOutcome outcome;
    outcome.end = MachineEnd::kGuestPanic;
    outcome.stage = Stage::kScenarioStarted;
    outcome.console_tail = "[1.0] Kernel panic - not syncing: oh\n";
    return outcome;
  };
  run({{"tests", json::array{"a"}}});
  EXPECT_EQ(host.outcomes.at("a"), KTSTR_TEST_FAILED);
  EXPECT_EQ(host.messages.at("a"),
            "the guest kernel panicked while the scenario was running: [1.0] Kernel panic - not syncing: oh");
  EXPECT_THAT(json::parse(host.dumps.at("a")).at("console_tail").as_string(), HasSubstr("not syncing: oh"));
  EXPECT_EQ(json::parse(host.sidecars.at("a")).at("failure").as_array().size(), 1U);
}

TEST_F(RunnerCase, AnEmulatorThatTripsGetsAnotherTry) {
  machine = [this] {
    if (requests.size() > 1) return samples::completed(good());
    MachineOutcome outcome;
    outcome.end = MachineEnd::kGuestPanic;
    outcome.stage = Stage::kSchedulerStarting;
    outcome.console_tail = "[    7.544281] Oops: int3: 0000 [#1] SMP NOPTI\n";
    return outcome;
  };
  run({{"tests", json::array{"a"}}});
  EXPECT_EQ(host.outcomes.at("a"), KTSTR_TEST_PASSED);
  EXPECT_EQ(requests.size(), 2U);
}

TEST_F(RunnerCase, AMachineThatCannotStartIsAnErrorWithoutSidecar) {
  machine_error = MachineError{"no space in /dev/shm", "free some", true};
  run({{"tests", json::array{"a"}}});
  EXPECT_EQ(host.outcomes.at("a"), KTSTR_TEST_ERROR);
  EXPECT_EQ(host.messages.at("a"), "no space in /dev/shm\nfree some");
  EXPECT_THAT(host.sidecars, IsEmpty());
}

TEST_F(RunnerCase, AMissingSchedulerIsAnErrorOfItsTestOnly) {
  manifest = R"({"tests": [
    {"name": "a", "topology": "1n2l1c1t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]},
    {"name": "s", "scheduler": {"name": "x", "binary": "build/x"}, "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]}]})";
  run();
  EXPECT_EQ(host.outcomes.at("a"), KTSTR_TEST_PASSED);
  EXPECT_EQ(host.outcomes.at("s"), KTSTR_TEST_ERROR);
  EXPECT_THAT(host.messages.at("s"), HasSubstr("the scheduler build/x does not exist"));
}

TEST_F(RunnerCase, ATestThatNeedsSchedExtIsSkippedOnAKernelWithout) {
  manifest = R"({"tests": [
    {"name": "a", "topology": "1n2l1c1t", "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]},
    {"name": "s", "scheduler": {"name": "x", "binary": "build/x"}, "cgroups": [{"name": "g", "workers": 1, "work": {"type": "SpinWait"}}]}]})";
  sched_ext = false;
  run();
  EXPECT_EQ(host.outcomes.at("a"), KTSTR_TEST_PASSED);
  EXPECT_EQ(host.outcomes.at("s"), KTSTR_TEST_SKIPPED);
  EXPECT_EQ(
      host.messages.at("s"),
      "the kernel 6.18.12-x has no sched_ext (CONFIG_SCHED_CLASS_EXT): the scheduler \"x\" cannot run on it");
  EXPECT_EQ(requests.size(), 1U) << "no guest was started for it";
  EXPECT_TRUE(json::parse(host.sidecars.at("s")).at("skipped").as_bool());
}

TEST_F(RunnerCase, AGuestLargerThanTheLimitDoesNotStart) {
  api.machine_memory_bytes = [](const MachineRequest&) { return std::uint64_t{900} << 20U; };
  options.memory_limit_mib = 100;
  run({{"tests", json::array{"a"}}});
  EXPECT_EQ(host.outcomes.at("a"), KTSTR_TEST_ERROR);
  EXPECT_THAT(host.messages.at("a"), HasSubstr("needs 900 MiB of host memory, 100 MiB are to be had"));
  EXPECT_TRUE(requests.empty());
}

TEST_F(RunnerCase, InterruptStopsAndLeavesNoSidecar) {
  KvmRunner runner(sdk::Host(&host.table), options, directory.path() / "agent", api);
  machine = [&] {
    runner.interrupt();
    return samples::completed(good());
  };
  EXPECT_EQ(samples::error_of([&] {
              runner.run(request({{"jobs", 1}}), sdk::RunEvents(&host.events));
            }),
            "interrupted");
  EXPECT_EQ(host.outcomes.size(), 1U);
  EXPECT_EQ(host.outcomes.begin()->second, KTSTR_TEST_INCONCLUSIVE);
  EXPECT_THAT(host.sidecars, IsEmpty());
}

TEST_F(RunnerCase, TheHostsCancelReachesTheMachine) {
  auto run_machine = api.run_machine;
  api.run_machine = [&, run_machine](const MachineEnvironment& e, const MachineRequest& r, const GuestWork& w,
                                     const std::atomic<bool>& cancel, const std::function<void(Stage)>& s,
                                     const std::function<void(const std::string&)>& n, MachineError& error) {
    host.cancel = true;
    while (!cancel) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return run_machine(e, r, w, cancel, s, n, error);
  };
  EXPECT_EQ(error_of_run(), "interrupted");
}

TEST_F(RunnerCase, WhatIsMissingIsSaidBeforeAnyTestRuns) {
  EXPECT_THAT(error_of_run({{"kernel", nullptr}}), HasSubstr("no kernel"));
  EXPECT_THAT(error_of_run({{"kernel", {{"image", "/none"}}}}),
              HasSubstr("the kernel image /none does not exist"));
  api.find_qemu = [](const MachineEnvironment&, const std::atomic<bool>&, MachineError& error) {
    return error = {"QEMU is not installed", "apt install qemu-system-x86", true},
           std::optional<QemuVersion>();
  };
  EXPECT_EQ(error_of_run(), "QEMU is not installed");
  EXPECT_THAT(host.started, IsEmpty());
}

TEST_F(RunnerCase, DiscoverGivesSortedTests) {
  KvmRunner runner(sdk::Host(&host.table), options, directory.path() / "agent", api);
  std::vector<std::string> seen;
  const auto visit = [](void* ctx, const ktstr_test_entry* entry) noexcept -> ktstr_status {
    static_cast<std::vector<std::string>*>(ctx)->push_back(
        std::string(sdk::view(entry->name)) + " " + std::string(sdk::view(entry->topology)) + " " +
        std::string(sdk::view(entry->scheduler)) + " " + std::to_string(entry->flags));
    return KTSTR_OK;
  };
  runner.discover(request(), sdk::TestVisitor(visit, &seen));
  EXPECT_THAT(seen, ElementsAre("a 1n2l1c1t eevdf 0", "b 1n2l1c1t eevdf 1"));
}

TEST_F(RunnerCase, ProbeSaysWhatIsMissing) {
  KvmRunner runner(sdk::Host(&host.table), options, directory.path() / "agent", api);
  const auto probe = [&](const std::string& text) {
    std::string out;
    ktstr_writer writer{sizeof(ktstr_writer), 0, &out,
                        [](void* ctx, const void* data, std::uint64_t size) noexcept -> ktstr_status {
                          static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), size);
                          return KTSTR_OK;
                        }};
    runner.probe(text, sdk::Writer(&writer));
    return json::parse(out);
  };
  const json::value good_answer = probe(request());
  EXPECT_EQ(good_answer.at("checks").as_array().size(), 6U);
  for (const json::value& check : good_answer.at("checks").as_array())
    EXPECT_NE(check.at("state").as_string(), "fail") << json::serialize(check);
  const json::value answer = probe("{}");
  EXPECT_EQ(answer.at("checks").at(2).at("state").as_string(), "fail");
  EXPECT_EQ(answer.at("checks").at(2).at("fix").as_string(), "ktstr kernel fetch 6.18");
}

}  // namespace
}  // namespace ktstr::kvm
