// SPDX-License-Identifier: Apache-2.0
#include "runner/test_run.hpp"

#include <sys/random.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/text.hpp>
#include <memory>
#include <stdexcept>

#include "cost/counts.hpp"
#include "dump/failure_dump.hpp"
#include "guest/scheduler_files.hpp"
#include "guest/spec_writer.hpp"
#include "judge/assertions.hpp"
#include "trace/trace_file.hpp"

namespace ktstr::kvm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Ends the test that could not be started for want of something on this machine.
void finish_without_machine(const TestSpec& test, const MachineError& error, std::chrono::nanoseconds taken,
                            const sdk::RunEvents& events) {
  std::string message = printable_start(error.message, 500);
  if (!error.hint.empty()) message += '\n' + printable_start(error.hint, 300);
  events.finished({test.variant, KTSTR_TEST_ERROR, taken, message});
}

/// QEMU's threaded TCG now and then lets a CPU run into the int3 that another CPU is replacing while the
/// kernel patches its own code (attaching a scheduler does). It is the emulator's fault, not the test's, and
/// does not happen with one thread.
bool emulator_tripped(const RunContext& context, const std::optional<MachineOutcome>& outcome) {
  return outcome && context.facts.accelerator == Accelerator::kTcg && !context.facts.deterministic &&
         outcome->stage != Stage::kDone && outcome->console_tail.find("Oops: int3") != std::string::npos;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    if (!text.empty()) text += '\n';
    text += line;
  }
  return text;
}

void leave_trace(const TestSpec& test, const Verdict& verdict, const sdk::RunEvents& events) {
  const bool ran = verdict.result && verdict.result->scenario;
  const std::string text = ran ? trace_file(verdict.result->trace, *verdict.result->scenario) : std::string();
  if (!text.empty()) {
    events.artifact(test.variant, "trace.txt", "text/plain").write(text);
  } else {
    events.progress(test.variant, ran ? "no trace: its kernel traced nothing (CONFIG_EVENT_TRACING)"
                                      : "no trace: it did not come to the end of its scenario");
  }
}

void leave_stacks(const TestSpec& test, const std::optional<Counts>& counts, const sdk::RunEvents& events) {
  if (counts) {
    events.artifact(test.variant, "cost.folded", "text/plain").write(folded_stacks(*counts));
  } else {
    events.progress(test.variant, "no cost: it did not come to the end of its scenario");
  }
}

void report(const RunContext& context, const TestSpec& test, const GuestFiles& files,
            const MachineOutcome& machine, const RunTerms& terms, std::chrono::nanoseconds taken,
            std::uint32_t attempt, const sdk::RunEvents& events) {
  const Verdict verdict = judge(test, machine, terms);
  std::string sidecar;
  if (machine.end != MachineEnd::kCancelled) {  // an interrupted test leaves nothing that looks like a result
    RunFacts facts = context.facts;
    facts.cpu_budget = cpu_budget(context, test);
    facts.manifest_sha256 = kit::sha256_of(test.text);
    if (test.has_schedulers()) facts.scheduler_sha256 = files.sha256;
    if (test.scheduler) {
      if (!files.build_id.empty()) facts.scheduler_build_id = files.build_id;
      facts.resolve_source = files.from_project ? "project" : "path";
    }
    const std::optional<Counts> counts = context.count ? parse_counts(machine.counts) : std::nullopt;
    sidecar = write_sidecar(test, facts, machine, verdict, counts);
    if (context.count) leave_stacks(test, counts, events);
    if (verdict.outcome != Outcome::kPassed) {
      const FailureDump dump = make_failure_dump(test, facts, machine, verdict);
      events.artifact(test.variant, "dump.json", "application/json", KTSTR_ARTIFACT_FAILURE).write(dump.json);
      events.artifact(test.variant, "report.txt", "text/plain", KTSTR_ARTIFACT_FAILURE).write(dump.report);
    }
  }
  if (test.trace) leave_trace(test, verdict, events);
  std::vector<std::string> lines = verdict.lines;
  if (verdict.outcome == Outcome::kPassed && !verdict.expected_failure && verdict.result &&
      verdict.result->scenario) {
    lines = idle_workers(*verdict.result->scenario);
    for (const std::string& line : lines) events.progress(test.variant, line);
  }
  events.finished(
      {test.variant, static_cast<std::uint32_t>(verdict.outcome), taken, joined(lines), sidecar, attempt});
}

/// For a test that this kernel cannot run, whatever its scheduler does.
void skip(const RunContext& context, const TestSpec& test, std::chrono::nanoseconds taken,
          const sdk::RunEvents& events) {
  const std::string& release = context.facts.kernel_release;
  Verdict verdict;
  verdict.outcome = Outcome::kSkipped;
  verdict.lines = {"the kernel " +
                   printable_start(release.empty() ? context.kernel_image.string() : release, 200) +
                   " has no sched_ext (CONFIG_SCHED_CLASS_EXT): the scheduler \"" +
                   (test.scheduler ? *test.scheduler : test.others.front()).name + "\" cannot run on it"};
  RunFacts facts = context.facts;
  facts.cpu_budget = cpu_budget(context, test);
  facts.manifest_sha256 = kit::sha256_of(test.text);
  events.finished({test.variant, KTSTR_TEST_SKIPPED, taken, verdict.lines.front(),
                   write_sidecar(test, facts, {}, verdict)});
}

}  // namespace

MachineRequest machine_request(const RunContext& context, const TestSpec& test) {
  MachineRequest request;
  request.kernel_image = context.kernel_image;
  request.kernel_arguments = test.kernel_args;
  request.topology = test.topology;
  request.memory_mib = test.memory_mib;
  request.accelerator = context.facts.accelerator;
  request.deterministic = context.facts.deterministic;
  request.cold = context.cold;
  request.count = context.count;
  // Emulated CPUs share the host's, so everything takes longer with their number; an overloaded host comes on
  // top.
  const auto cpus = static_cast<std::int64_t>(test.topology.cpus());
  const auto duration = milliseconds(test.scenario.duration_ms);
  milliseconds attach(0), watchdog(0);
  const auto allow_for = [&](const SchedulerSpec& scheduler) {
    attach += milliseconds(scheduler.attach_timeout_ms);
    watchdog = std::max(watchdog, milliseconds(scheduler.watchdog_ms()));
  };
  if (test.scheduler) allow_for(*test.scheduler);
  for (const SchedulerSpec& other : test.others) allow_for(other);
  request.boot_deadline = seconds(120 + 10 * cpus);
  request.run_deadline = test.timeout_s ? milliseconds(seconds(*test.timeout_s))
                                        : seconds(60 + 2 * cpus) + 20 * duration + 24 * attach + 4 * watchdog;
  // A scheduler that runs nobody may hold up the agent, too, until sched_ext's watchdog steps in.
  request.hang_deadline = std::min<milliseconds>(seconds(20 + 2 * cpus) + 3 * watchdog, request.run_deadline);
  return request;
}

std::uint32_t cpu_budget(const RunContext& context, const TestSpec& test) {
  return context.facts.deterministic ? test.topology.cpus()
                                     : std::min(test.topology.cpus(), context.host_cores);
}

std::string new_nonce() {
  char bytes[16];
  if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    throw std::runtime_error("the kernel has no random numbers");
  return kit::hex({bytes, sizeof bytes});
}

bool take_files(const RunContext& context, const TestSpec& test, GuestFiles& files, MachineError& error) {
  const FileRoot root(context.sysroot);
  if (test.scheduler) {
    const CollectedFiles& collected = context.schedulers.at(test.scheduler->binary.string());
    files = collected.files;
    KTSTR_ASSERT(collected.error || !files.program.empty());
    if (collected.error) error = *collected.error;
    if (collected.error || !add_scheduler_files(context.project_dir, *test.scheduler, root, files, error))
      return false;
  }
  for (const SchedulerSpec& other : test.others) {
    if (!add_other_scheduler(context.project_dir, other, root, files, error)) return false;
  }
  if (test.has_schedulers())
    add_kernel_configuration(context.kernel_image, context.facts.kernel_release, files.files);
  return std::all_of(test.payloads.begin(), test.payloads.end(), [&](const PayloadSpec& payload) {
    return add_payload_files(context.project_dir, payload, root, files, error);
  });
}

namespace {

/// What is done in a saved guest that all tests with this scheduler start from: no more than attaching it.
/// Nothing: the test starts from a guest without.
std::shared_ptr<const GuestWork> work_before(const RunContext& context, const TestSpec& test) {
  const bool from_saved = context.facts.deterministic && !context.cold && !context.count;
  if (!test.start_attached || !test.scheduler || !from_saved) return nullptr;
  TestSpec attaching;
  attaching.topology = test.topology;
  attaching.sysctls = test.sysctls;
  attaching.root_cgroup = test.root_cgroup;
  attaching.scheduler = test.scheduler;
  attaching.scheduler->metrics.clear();  // what is read at the end tells no saved guests apart
  GuestFiles files;
  MachineError error;
  if (!take_files(context, attaching, files, error)) return nullptr;  // the test itself tells of it
  auto work = std::make_shared<GuestWork>();
  work->files = files.files;
  work->make_spec = [attaching, files](const std::vector<std::uint64_t>& offsets) {
    return agent_spec(attaching, files, 0, offsets);
  };
  return work;
}

/// The files that are not there already.
GuestFiles without(GuestFiles files, const GuestWork& before) {
  std::erase_if(files.files, [&](const Blob& file) {
    return std::any_of(before.files.begin(), before.files.end(),
                       [&](const Blob& other) { return other.path == file.path; });
  });
  return files;
}

}  // namespace

GuestRun run_guest(const RunContext& context, const TestSpec& test, const GuestFiles& files,
                   const std::function<void(const std::string&)>& note, const std::atomic<bool>& cancel,
                   const HostPlan& host) {
  GuestRun run;
  run.terms.virtual_time = context.facts.deterministic;
  run.terms.host_cores = context.host_cores;
  const auto work_with = [&](const GuestFiles& taken) {
    GuestWork work;
    work.files = taken.files;
    work.make_spec = [&](const std::vector<std::uint64_t>& offsets) {
      return agent_spec(test, taken, context.facts.seed, offsets);
    };
    return work;
  };
  const auto once = [&](GuestWork& work) {
    run.terms.nonce = work.nonce = new_nonce();  // another one for each machine
    MachineRequest request = machine_request(context, test);
    request.host = host;
    if (context.debug && context.api.machine_command)
      context.debug(test.variant + ": " +
                    shell_line(context.api.machine_command(context.environment, request)));
    return context.api.run_machine(context.environment, request, work, cancel, {}, note, run.error);
  };
  if (auto before = work_before(context, test)) {
    const GuestFiles rest = without(files, *before);
    GuestWork work = work_with(rest);
    work.before = std::move(before);
    run.outcome = once(work);
    if (run.outcome || !run.error.not_attached) return run;
    run.error = {};  // attached, or not, in sight of the test, it shows why
  }
  GuestWork work = work_with(files);
  run.outcome = once(work);
  for (; run.attempt < 3 && emulator_tripped(context, run.outcome) && !cancel; ++run.attempt) {
    note("QEMU tripped over code that the guest was patching; running the test again");
    run.outcome = once(work);
  }
  return run;
}

void run_test(const RunContext& context, const TestSpec& test, const sdk::RunEvents& events,
              const std::atomic<bool>& cancel, const HostPlan& host) {
  const auto start = std::chrono::steady_clock::now();
  const auto taken = [&] { return std::chrono::nanoseconds(std::chrono::steady_clock::now() - start); };
  events.started(test.variant);
  if (test.performance_mode && !context.facts.deterministic && test.topology.cpus() > context.host_cores) {
    events.progress(test.variant, std::to_string(test.topology.cpus()) + " vCPUs share " +
                                      std::to_string(context.host_cores) +
                                      " host cores: its times are noisy; --deterministic makes them exact");
  }
  if (test.has_schedulers() && !context.sched_ext) return skip(context, test, taken(), events);
  GuestFiles files;
  MachineError error;
  if (!take_files(context, test, files, error)) return finish_without_machine(test, error, taken(), events);
  const auto note = [&](const std::string& text) {
    events.progress(test.variant, printable_start(text, 300));
  };
  const GuestRun run = run_guest(context, test, files, note, cancel, host);
  if (!run.outcome) return finish_without_machine(test, run.error, taken(), events);
  report(context, test, files, *run.outcome, run.terms, taken(), run.attempt, events);
}

}  // namespace ktstr::kvm
