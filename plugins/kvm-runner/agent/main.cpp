// SPDX-License-Identifier: Apache-2.0
//
// ktstr's guest agent: the first and only program of the guest (/init). It must not end before it has powered
// the machine off: the kernel panics when pid 1 exits, which is how a crash of the agent shows on the host.
#include <sched.h>
#include <signal.h>
#include <sys/io.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <ktstr/kit/assert.hpp>
#include <memory>
#include <stdexcept>

#include "agent/doors.hpp"
#include "agent/files.hpp"
#include "agent/guest.hpp"
#include "agent/monitor_map.hpp"
#include "agent/play.hpp"
#include "agent/result.hpp"
#include "agent/scene.hpp"
#include "agent/scheduler.hpp"
#include "agent/scheduler_readings.hpp"
#include "agent/spec.hpp"
#include "agent/speed.hpp"
#include "agent/trace.hpp"
#include "agent/workers.hpp"

namespace {

using namespace ktstr::agent;
using ktstr::kvm::AgentOutcome;
using ktstr::kvm::Stage;
namespace kvm = ktstr::kvm;

constexpr std::uint64_t kBootSettles = 1'000'000'000ULL, kAttachSettles = 100'000'000ULL;  // ns
constexpr std::uint64_t kQuiet = 100'000'000ULL, kLongestBootWork = 10'000'000'000ULL;
constexpr int kSchedExt = 7;  // SCHED_EXT of linux/sched.h, which is newer than some C libraries

[[noreturn]] void power_off() {
  ::sync();
  ::reboot(RB_POWER_OFF);
  for (;;) ::pause();
}

void sleep_until(std::uint64_t due) {
  const timespec time{static_cast<time_t>(due / 1'000'000'000ULL), static_cast<long>(due % 1'000'000'000ULL)};
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
  }
}

void stay_on(int first_cpus) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (int cpu = 0; cpu < first_cpus; ++cpu) CPU_SET(cpu, &cpus);
  ::sched_setaffinity(0, sizeof cpus, &cpus);
}

/// How many tasks want to run, of whom the one that asks is one: "0.00 0.00 0.00 1/139 140".
unsigned long running_tasks() {
  const std::string text = read_text("/proc/loadavg");
  std::size_t at = 0;
  for (int blanks = 0; blanks < 3 && at != std::string::npos; ++blanks) at = text.find(' ', at + 1);
  return at == std::string::npos ? 1 : std::strtoul(text.c_str() + at, nullptr, 10);
}

/// The kernel's own work of a boot goes on for seconds, the self-tests of its cryptography among it: it would
/// run beside every scenario.
void await_quiet() {
  const std::uint64_t begin = now_ns();
  for (std::uint64_t busy = begin; now_ns() < busy + kQuiet && now_ns() < begin + kLongestBootWork;) {
    sleep_until(now_ns() + kQuiet / 10);
    if (running_tasks() > 1) busy = now_ns();
  }
}

/// The way to pause the machine. A kernel that is locked down opens the port to nobody any more.
class Pause {
 public:
  explicit Pause(bool wanted) : open_(wanted && ::ioperm(kvm::kPausePort, 1, 1) == 0) {}

  /// Pauses the whole machine at this very instruction so that its state can be saved; execution goes on here
  /// in every restored copy. `settle_ns`: what came before is given so long to calm down.
  void pause(const Mailbox& mailbox, std::uint64_t settle_ns) {
    stay_on(1);
    sleep_until(now_ns() + settle_ns);
    __atomic_store_n(&mailbox.header->go, kvm::kGoPause, __ATOMIC_RELEASE);
    if (open_) ::outb(1, kvm::kPausePort);
    ::ioperm(kvm::kPausePort, 1, 0);  // children would inherit it
    while (__atomic_load_n(&mailbox.header->go, __ATOMIC_ACQUIRE) == kvm::kGoPause) __builtin_ia32_pause();
    stay_on(CPU_SETSIZE);
  }

 private:
  bool open_;
};

/// The agent outranks every worker, and any sched_ext scheduler: it must be able to report that they hang.
void outrank_everything() {
  sched_param parameter{};
  parameter.sched_priority = 50;
  ::sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter);
}

/// Workers that do not end may be waiting for a CPU that the scheduler does not give them: the kernel's
/// watchdog is given the time to see it, so that the test ends with its reason. False when the scheduler was
/// ejected or left.
bool stop_workers(const Mailbox& mailbox, Scheduler* scheduler, Workers& workers,
                  std::vector<ktstr::kvm::GuestTask>& tasks) {
  constexpr std::uint64_t kPatience = 2000, kStep = 100;
  bool ended = workers.ask_to_stop(kPatience), in_charge = true;
  if (!ended && tasks.empty()) tasks = read_tasks();
  for (std::uint64_t waited = kPatience;
       scheduler != nullptr && !ended && in_charge && waited < scheduler->notice_ms(); waited += kStep) {
    mailbox.beat();
    scheduler->trim_output();
    in_charge = scheduler->still_attached();
    ended = workers.ask_to_stop(in_charge ? kStep : kPatience);
  }
  if (!ended) workers.kill();
  return in_charge && (scheduler == nullptr || scheduler->still_attached());
}

/// What shows that this agent wrote a result; afterwards nobody else knows it.
std::string take_nonce(const Mailbox& mailbox) {
  char* const nonce = mailbox.header->nonce;
  std::string taken(nonce, ::strnlen(nonce, sizeof mailbox.header->nonce));
  std::memset(nonce, 0, sizeof mailbox.header->nonce);
  return taken;
}

/// The spec's text; where it lay there is nothing afterwards.
std::string take_spec(const Mailbox& mailbox, std::uint64_t offset, std::uint64_t size) {
  std::string text(mailbox.base + offset, size);
  std::memset(mailbox.base + offset, 0, size);
  mailbox.header->spec_offset = mailbox.header->spec_size = 0;
  return text;
}

/// What the kernel lacks is no fault of the test's.
AgentOutcome kind_of(const std::string& problem, AgentOutcome otherwise) {
  return problem.find(kLack) != std::string::npos ? AgentOutcome::kUnsupported : otherwise;
}

/// Puts the nonce into a result, which is an object.
std::string with_nonce(std::string result, const std::string& nonce) {
  if (!result.empty() && result.back() == '}') result.pop_back();
  return result + ",\"nonce\":\"" + nonce + "\"}";
}

std::optional<Spec> read_spec(const Mailbox& mailbox, std::string& problem) {
  const std::uint64_t offset = mailbox.header->spec_offset, size = mailbox.header->spec_size;
  if (offset <= mailbox.size && size <= mailbox.size - offset)
    return parse_spec(take_spec(mailbox, offset, size), mailbox.size, problem);
  problem = "the spec lies outside the mailbox";
  return std::nullopt;
}

/// Files, sysctls and what else is to be there before a scheduler starts. Empty, or what went wrong.
std::string furnish_for(const Spec& spec, const Mailbox& mailbox) {
  if (std::string problem = unpack_files(spec.files, mailbox.base, ""); !problem.empty()) return problem;
  name_kernel_configuration();
  if (spec.has_schedulers()) enable_bpf_statistics();
  for (const auto& [name, value] : spec.sysctls) {
    if (std::string problem = apply_sysctl(name, value); !problem.empty()) return problem;
  }
  return spec.root_cgroup.empty() ? std::string() : make_root_cgroup(kCgroupRoot, spec.root_cgroup);
}

/// How many workers sched_ext has under it.
std::size_t under_sched_ext(const Spec& spec, const Workers& workers) {
  return Scheduler::switch_all() ? spec.scenario.total_workers() : workers.with_policy(kSchedExt);
}

/// What is asked of the scheduler that is in force.
std::vector<kvm::SchedulerReading> readings_of(const Spec& spec, const Scheduler* in_force,
                                               const std::function<void()>& tick) {
  const SchedulerSpec* scheduler = in_force != nullptr ? spec.find_scheduler(in_force->name()) : nullptr;
  return scheduler != nullptr ? read_scheduler(*scheduler, tick) : std::vector<kvm::SchedulerReading>();
}

/// Runs the spec and returns the result's text.
std::string run(const Mailbox& mailbox, const GuestTopology& topology, std::string& nonce) {
  std::string problem;
  const bool to_be_saved = mailbox.header->go == kvm::kGoAttach;
  std::optional<Spec> spec = read_spec(mailbox, problem);
  nonce = take_nonce(mailbox);
  if (!spec) return result_text(AgentOutcome::kSpecError, problem, nullptr, nullptr, {});
  const auto failed = [&](AgentOutcome outcome, const std::string& message, const Scheduler* scheduler) {
    return result_text(outcome, message, scheduler, nullptr,
                       scheduler != nullptr ? read_tasks() : std::vector<ktstr::kvm::GuestTask>());
  };

  if (problem = furnish_for(*spec, mailbox); !problem.empty())
    return failed(AgentOutcome::kSetupError, problem, nullptr);
  SampleStop sample_stop(mailbox);
  Pause pause(to_be_saved);
  mailbox.set_stage(Stage::kSpecRead);

  std::unique_ptr<Scheduler> scheduler;
  if (spec->has_schedulers())
    scheduler =
        std::make_unique<Scheduler>(spec->scheduler.value_or(SchedulerSpec{}), [&] { mailbox.beat(); });
  if (spec->scheduler) {
    mailbox.set_stage(Stage::kSchedulerStarting);
    if (!scheduler->attach()) return failed(scheduler->outcome(), scheduler->message(), scheduler.get());
  }
  mailbox.set_stage(Stage::kSchedulerAttached);
  if (to_be_saved) {
    pause.pause(mailbox, kAttachSettles);
    spec = read_spec(mailbox, problem);
    nonce = take_nonce(mailbox);
    if (!spec) return failed(AgentOutcome::kSpecError, problem, scheduler.get());
    if (problem = unpack_files(spec->files, mailbox.base, ""); !problem.empty())
      return failed(AgentOutcome::kSetupError, problem, scheduler.get());
  }

  Workers workers(spec->scenario, spec->seed, spec->latency_reservoir);
  const auto tick = [&] {
    mailbox.beat();
    __atomic_store_n(&mailbox.header->beat_ns, now_ns(), __ATOMIC_RELAXED);
    sample_stop.stop();
  };
  Play play(*spec, workers, scheduler.get(), topology, tick);
  if (problem = play.set_up(); !problem.empty())
    return failed(kind_of(problem, AgentOutcome::kSetupError), problem, scheduler.get());
  std::vector<BpfProgramView> programs = scheduler ? read_bpf_programs() : std::vector<BpfProgramView>();
  const std::uint64_t burst_before = spec->calibrate ? burst_ns() : 0;
  Trace trace(spec->trace);
  __atomic_store_n(&mailbox.header->scenario_ns, now_ns(), __ATOMIC_RELAXED);
  mailbox.set_stage(Stage::kScenarioStarted);
  bool in_charge = play.run(problem);
  trace.stop();
  const bool operated = problem.empty();
  workers.note_waiting(play.end_ns());
  std::vector<ktstr::kvm::GuestTask> tasks;  // of a scenario that did not end as it should
  if (!in_charge || !operated) tasks = read_tasks();
  ScenarioEnd scenario{&spec->scenario, &workers, &play, 0, std::move(programs), burst_before, 0};
  Scheduler* in_force = play.without_scheduler() ? nullptr : scheduler.get();
  if (in_force != nullptr) scenario.switched = under_sched_ext(*spec, workers);
  in_charge = stop_workers(mailbox, in_force, workers, tasks) && (in_charge || !operated);
  if (in_charge) scenario.readings = readings_of(*spec, in_force, tick);
  mailbox.set_stage(Stage::kScenarioFinished);
  if (spec->calibrate && in_charge) scenario.burst_after_ns = burst_ns();
  const AgentOutcome outcome = !in_charge ? scheduler->outcome()
                               : operated ? AgentOutcome::kOk
                                          : kind_of(problem, AgentOutcome::kOperationFailed);
  const std::string& message = !in_charge ? scheduler->message() : problem;
  // The scheduler is left attached: the machine ends with the result, and taking it out could only hang or
  // crash a guest that is done.
  return result_text(outcome, message, scheduler.get(), &scenario, tasks, trace.text());
}

}  // namespace

int main() {
  mount_file_systems();
  furnish();
  Mailbox mailbox;
  if (const std::string problem = map_mailbox(mailbox); !problem.empty()) {
    const std::string line = "ktstr agent: " + problem + "\n";
    if (::write(1, line.data(), line.size()) < 0) power_off();
    if (mailbox.header != nullptr) {
      mailbox.header->agent_error = EPROTO;
      std::strncpy(mailbox.header->last_words, problem.c_str(), sizeof mailbox.header->last_words - 1);
    }
    power_off();
  }
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &unlimited);
  ::signal(SIGPIPE, SIG_IGN);
  // A failed assertion ends the test with an error that says so: this process is init and may not abort.
  ktstr::kit::assertion_handler = [](const char* text) { throw std::logic_error(text); };
  mailbox.set_stage(Stage::kBooted);
  write_monitor_map(mailbox);
  keep_scheduler_dumps();
  close_doors();
  // What every test needs and none decides is done once for all that start from a saved machine.
  enable_schedstats();
  const GuestTopology topology = read_topology();
  outrank_everything();
  if (mailbox.header->go == kvm::kGoPause) {
    mailbox.set_stage(Stage::kReady);
    await_quiet();
    Pause(true).pause(mailbox, kBootSettles);
  }

  std::string result, nonce;
  try {
    result = run(mailbox, topology, nonce);
  } catch (const std::exception& failure) {
    result = result_text(AgentOutcome::kAgentError, failure.what(), nullptr, nullptr, {});
  }
  result = with_nonce(std::move(result), nonce);
  if (result.size() > mailbox.header->result_limit) {
    result = result_text(AgentOutcome::kAgentError,
                         "the result has " + std::to_string(result.size()) + " bytes, more than fit", nullptr,
                         nullptr, {});
    result = with_nonce(std::move(result), nonce);
  }
  std::memcpy(mailbox.base + mailbox.header->result_offset, result.data(), result.size());
  mailbox.header->result_size = result.size();
  mailbox.set_stage(Stage::kDone);
  power_off();
}
