// SPDX-License-Identifier: Apache-2.0
#include "runner/verify.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/json_reader.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "judge/scheduler_end.hpp"
#include "judge/verdict.hpp"
#include "manifest/manifest.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t kLogTail = 4096;  // of a scheduler whose log has no part of the verifier's

TestSpec short_test(const json::value& scheduler, const json::object& declared) {
  const json::object manifest{
      {"name", "verifier"},
      {"duration_ms", 100},
      {"scheduler", scheduler},
      {"cgroups", {{{"name", "load"}, {"workers", 1}, {"work", {{"type", "SpinWait"}}}}}}};
  return parse_manifest(json::serialize(manifest), "ktstr verifier", "", declared).front();
}

/// Schedulers by name, as tests use them or the project declares them.
std::map<std::string, TestSpec> known_schedulers(const std::vector<TestSpec>& tests,
                                                 const json::object& declared) {
  std::map<std::string, TestSpec> known;
  const auto add = [&](const SchedulerSpec& scheduler, const TestSpec& user) {
    TestSpec test = short_test(nullptr, {});
    test.scheduler = scheduler;
    test.kernel_args = user.kernel_args;
    test.sysctls = user.sysctls;
    known.try_emplace(scheduler.name, std::move(test));
  };
  for (const auto& entry : declared)
    known.try_emplace(std::string(entry.key()), short_test(json::value(entry.key()), declared));
  for (const TestSpec& test : tests) {
    if (test.scheduler) add(*test.scheduler, test);
    for (const SchedulerSpec& other : test.others) add(other, test);
  }
  return known;
}

TestSpec of_program(const std::string& wanted, const std::vector<std::string_view>& names,
                    const fs::path& project_dir) {
  std::error_code failure;
  if (wanted.empty() || !fs::is_regular_file(project_dir / wanted, failure)) {
    kit::refuse("ktstr verifier",
                "\"" + printable_start(wanted, 200) +
                    "\" is neither a scheduler of the project nor a program" +
                    sdk::did_you_mean(wanted, names),
                "schedulers are declared in test manifests and in the runner's option \"schedulers\"");
  }
  const json::object scheduler{{"name", fs::path(wanted).filename().string()}, {"binary", wanted}};
  return short_test(scheduler, {});
}

/// What came of one.
struct Loading {
  bool loaded = false;
  std::string message, log;
  std::vector<BpfProgram> programs;
};

std::string log_of(const std::string& output) {
  std::string log;
  for (const std::string& line : verifier_log(output)) log += line + '\n';
  if (!log.empty()) return log;
  for (const std::string& line : kit::lines(kit::tail(output, kLogTail)))
    log += printable_start(line, 300) + '\n';
  return log;
}

Loading load(const RunContext& context, const TestSpec& test, const std::atomic<bool>& cancel) {
  Loading loading;
  GuestFiles files;
  MachineError error;
  const bool complete = take_files(context, test, files, error);
  const GuestRun run = complete ? run_guest(
                                      context, test, files, [](const std::string&) {}, cancel)
                                : GuestRun{{}, {}, 1, error};
  if (!run.outcome) {
    loading.message = printable_start(run.error.message, 500);
    return loading;
  }
  Verdict verdict = judge(test, *run.outcome, run.terms);
  if (verdict.result) loading.programs = std::move(verdict.result->bpf_programs);
  loading.loaded =
      !loading.programs.empty() && verdict.result->outcome != AgentOutcome::kSchedulerAttachFailed;
  if (verdict.outcome != Outcome::kPassed && !verdict.lines.empty()) loading.message = verdict.lines.front();
  if (!loading.loaded && loading.message.empty())
    loading.message = "it attached without a program of struct_ops: that is no sched_ext scheduler";
  if (!loading.loaded && verdict.result && verdict.result->scheduler)
    loading.log = log_of(verdict.result->scheduler->log);
  return loading;
}

}  // namespace

std::vector<TestSpec> verifying_tests(const std::vector<std::string>& wanted,
                                      const std::vector<TestSpec>& tests, const json::object& declared,
                                      const fs::path& project_dir) {
  const std::map<std::string, TestSpec> known = known_schedulers(tests, declared);
  std::vector<std::string_view> names;
  for (const auto& [name, test] : known) names.push_back(name);
  std::vector<TestSpec> chosen;
  const auto take = [&](TestSpec test, const std::string& name) {
    test.variant = name;
    chosen.push_back(std::move(test));
  };
  if (wanted.empty()) {
    for (const auto& [name, test] : known) take(test, name);
  }
  for (const std::string& name : wanted) {
    const auto found = known.find(name);
    take(found != known.end() ? found->second : of_program(name, names, project_dir), name);
  }
  if (chosen.empty())
    kit::refuse("ktstr verifier", "the project has no scheduler of its own",
                "name a program: build/scx_mine");
  return chosen;
}

std::string verify_schedulers(const RunContext& context, const std::vector<TestSpec>& tests,
                              const std::atomic<bool>& cancel) {
  JsonWriter out;
  out.begin_object().key("schedulers").begin_array();
  for (const TestSpec& test : tests) {
    if (cancel) break;
    const Loading loading = load(context, test, cancel);
    out.begin_object().member("name", test.variant).member("loaded", loading.loaded);
    out.member("message", loading.message).member("log", loading.log).key("programs").begin_array();
    for (const BpfProgram& program : loading.programs) {
      out.begin_object()
          .member("name", printable_start(program.name, 100))
          .member("verified_insns", program.verified_insns)
          .end_object();
    }
    out.end_array().end_object();
  }
  out.end_array().end_object();
  return std::move(out).finish();
}

}  // namespace ktstr::kvm
