// SPDX-License-Identifier: Apache-2.0
#include "machine/machine.hpp"

#include <signal.h>

#include <algorithm>
#include <cstring>
#include <ktstr/kit/assert.hpp>

#include "machine/child.hpp"
#include "machine/counter_symbols.hpp"
#include "machine/files.hpp"
#include "machine/guest_memory.hpp"
#include "machine/initramfs.hpp"
#include "machine/kernel_image.hpp"
#include "machine/machine_error.hpp"
#include "machine/mailbox_view.hpp"
#include "machine/own_time.hpp"
#include "machine/qemu_command.hpp"
#include "machine/qemu_process.hpp"
#include "machine/qmp.hpp"
#include "machine/saved_guests.hpp"
#include "monitor/sampler.hpp"

namespace ktstr::kvm {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kMostCounts = 256 << 20;

/// QEMU crashed while a machine was being started, as it will the next time.
struct Crashed : FileError {
  explicit Crashed(const FileError& how) : FileError(how) {}
};

/// The QEMU process of one machine and the conversation with its monitor. What it is made of outlives it.
class Emulator {
 public:
  Emulator(const MachineEnvironment& environment, const MachineRequest& request, const MachineFiles& files,
           const GuestMemory& memory, const std::atomic<bool>& cancel)
      : environment_(environment), request_(request), files_(files), memory_(memory), cancel_(cancel) {}

  /// Starts a process, or another one in its place; its guest does not run yet.
  void start(BootKind kind, const std::filesystem::path& kernel) {
    qmp_.reset();
    std::vector<std::string> command =
        qemu_command(environment_.qemu, request_, files_, memory_, kind, kernel);
    if (request_.count) {
      const std::vector<std::string> more =
          counter_arguments(environment_.counter, request_, files_, memory_);
      command.insert(command.end(), more.begin(), more.end());
    }
    process_.emplace(command, files_.errors(), placement_of(request_), memory_.descriptors());
    talk([&](auto deadline) {
      qmp_.emplace(files_.socket(), deadline, [this] { return !cancel_ && !process_->wait_for({}); });
    });
  }

  /// Calls `about` with the time until which there must be an answer. Throws Cancelled, or what the process
  /// said when it failed.
  template <typename About>
  void talk(const About& about) {
    try {
      about(Clock::now() + std::chrono::seconds(30));
    } catch (const FileError& failure) {
      if (cancel_) throw Cancelled{};
      const FileError told = qemu_failure(failure, *process_, files_);
      if (process_->signal() != 0 && process_->signal() != SIGKILL) throw Crashed(told);
      throw told;
    }
  }

  Child& process() {
    KTSTR_ASSERT(process_.has_value());
    return *process_;
  }
  Qmp& monitor() {
    KTSTR_ASSERT(qmp_.has_value());
    return *qmp_;
  }

 private:
  const MachineEnvironment& environment_;
  const MachineRequest& request_;
  const MachineFiles& files_;
  const GuestMemory& memory_;
  const std::atomic<bool>& cancel_;
  std::optional<Child> process_;
  std::optional<Qmp> qmp_;
};

/// Who reads the run queues. In real time it is told which threads the virtual CPUs are; in virtual time they
/// share one, which is never kept waiting.
std::unique_ptr<Sampler> make_sampler(const MachineRequest& request, const Child& qemu, Qmp& qmp,
                                      const GuestMemory& memory, const MailboxView& mailbox,
                                      std::unique_ptr<SampleStops> stops, Clock::time_point deadline) {
  VcpuTimes times;
  if (!request.deterministic) times = VcpuTimes(qemu.pid(), vcpu_threads(qmp, deadline));
  return std::make_unique<Sampler>(memory, mailbox, request.topology.cpus(), std::move(times),
                                   std::move(stops));
}

/// Tells how a machine ended once its QEMU is gone.
void classify(const Child& qemu, const MachineFiles& files, const MailboxView& mailbox,
              MachineOutcome& outcome) {
  outcome.stage = mailbox.stage();
  const bool whole = mailbox.read_result(outcome.result);
  if (outcome.stage == Stage::kDone) {
    outcome.end = whole ? MachineEnd::kCompleted : MachineEnd::kBadResult;
    KTSTR_ASSERT(whole == !outcome.result.empty());
    if (!whole) outcome.reason = "the agent says it is done, but its result has an impossible size";
    return;
  }
  if (qemu.signal() != 0 || qemu.exit_status() != 0) {
    outcome.end = MachineEnd::kQemuDied;
    outcome.reason = how_qemu_ended(qemu, files);
    return;
  }
  const std::string panic = line_with(outcome.console_tail, "Kernel panic");
  if (panic.find("Attempted to kill init") != std::string::npos) {
    outcome.end = outcome.stage == Stage::kNone ? MachineEnd::kBootFailed : MachineEnd::kAgentDied;
    outcome.reason = "the guest agent crashed: " + panic;
  } else if (!panic.empty()) {
    outcome.end = outcome.stage == Stage::kNone ? MachineEnd::kBootFailed : MachineEnd::kGuestPanic;
    outcome.reason = panic;
  } else if (outcome.stage == Stage::kNone) {
    outcome.end = MachineEnd::kBootFailed;
    outcome.reason = "the guest went down before the agent started";
  } else {
    outcome.end = MachineEnd::kAgentDied;
    const std::string words = mailbox.last_words();
    outcome.reason = words.empty() ? "the guest went down without a result" : "the agent gave up: " + words;
  }
}

std::string seconds(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

/// How a machine ends that has come no further than `seen` after it lived so long, and so long without a
/// sign.
std::optional<std::pair<MachineEnd, std::string>> deadline_missed(const MachineRequest& request, Stage seen,
                                                                  std::chrono::nanoseconds lived,
                                                                  std::chrono::nanoseconds silent) {
  const bool booting = request.cold;
  if (booting && seen < Stage::kBooted) {
    if (lived <= request.boot_deadline) return std::nullopt;
    return std::pair(MachineEnd::kBootFailed,
                     "the guest did not start its agent within " + seconds(request.boot_deadline));
  }
  if (lived > request.run_deadline + (booting ? request.boot_deadline : milliseconds(0)))
    return std::pair(MachineEnd::kHung, "the guest was not done after " + seconds(lived));
  if (seen >= Stage::kReady && silent > request.hang_deadline)
    return std::pair(MachineEnd::kHung, "the guest gave no sign of life for " + seconds(silent));
  return std::nullopt;
}

/// What the host kept from the guest; empty where that is next to nothing.
std::string while_busy(std::chrono::nanoseconds kept) {
  return kept < std::chrono::seconds(1) ? ""
                                        : ", not counting " + seconds(kept) + " without a CPU of the host's";
}

/// Watches a running machine until its QEMU has ended; kills it when a deadline passes.
void watch(Child& qemu, const MachineRequest& request, const MachineFiles& files, const MailboxView& mailbox,
           const std::atomic<bool>& cancel, const std::function<void(Stage)>& on_stage,
           const std::function<void()>& before_end, Clock::time_point begin, MachineOutcome& outcome) {
  const auto go = Clock::now();
  const bool booting = request.cold;
  Stage seen = booting ? Stage::kNone : Stage::kReady;
  std::uint64_t beat = mailbox.heartbeat();
  // What the guest is given to live in, and when of it the last sign of life came.
  OwnTime own(request.deterministic ? std::optional(qemu.pid()) : std::nullopt, go);
  std::chrono::nanoseconds last_sign{};
  Observer observer(begin);
  ScenarioShare share(qemu.pid());
  for (;;) {
    // Fine steps until the workers run, so that the time to the first one is measured well, and when they are
    // done, so that nobody waits; coarse ones between.
    const bool waited_for = seen < Stage::kScenarioStarted || seen >= Stage::kScenarioFinished;
    const bool ended = qemu.wait_for(milliseconds(waited_for ? 1 : 10));
    const auto now = Clock::now();
    const std::chrono::nanoseconds lived = own.look(now);
    const Stage stage = mailbox.stage();
    observer.look(stage, mailbox.heartbeat(), now, Clock::now());
    if (stage > seen) {
      share.look(stage);
      seen = stage;
      last_sign = lived;
      if (stage >= Stage::kScenarioStarted && outcome.times.first_worker_unix_ns == 0) {
        outcome.times.first_worker = now - begin;
        outcome.times.first_worker_unix_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                 std::chrono::system_clock::now().time_since_epoch())
                                                 .count();
      }
      if (booting && stage >= Stage::kBooted && outcome.times.ready == std::chrono::nanoseconds::zero())
        outcome.times.ready = now - begin;
      if (on_stage) on_stage(stage);
    }
    if (const std::uint64_t now_beat = mailbox.heartbeat(); now_beat != beat) {
      beat = now_beat;
      last_sign = lived;
    }
    if (ended) break;
    if (stage ==
        Stage::kDone) {  // all it had to say is in the mailbox; how it goes down is no part of the test
      qemu.kill();
      break;
    }

    const auto stop = [&](MachineEnd end, std::string reason) {
      if (end == MachineEnd::kHung) before_end();
      outcome.seen.scenario = share.finish();
      qemu.kill();
      outcome.end = end;
      outcome.stage = mailbox.stage();
      outcome.reason = std::move(reason);
      mailbox.read_result(outcome.result);
      outcome.console_tail = kit::read_tail(files.console(), kConsoleTail);
    };
    if (cancel) return stop(MachineEnd::kCancelled, "stopped on request");
    if (const auto late = deadline_missed(request, seen, lived, lived - last_sign))
      return stop(late->first, late->second + while_busy(now - go - lived));
  }
  const auto before = Clock::now();
  const Stage last = mailbox.stage();
  observer.look(last, mailbox.heartbeat(), before, Clock::now());
  outcome.seen = observer.finish(qemu.cpu_time());
  outcome.seen.scenario = share.finish();
  outcome.console_tail = kit::read_tail(files.console(), kConsoleTail);
  classify(qemu, files, mailbox, outcome);
}

/// Of a guest that hangs. It stands still from then on, so that what is read of it afterwards fits.
void read_registers(Qmp& qmp, MachineOutcome& outcome) {
  LastLook& look = outcome.last_look.emplace();
  try {
    const auto deadline = Clock::now() + std::chrono::seconds(3);
    qmp.call("stop", {}, deadline);
    look.registers = parse_registers(qmp.ask_human("info registers -a", deadline));
    look.no_registers = look.registers.empty() ? "QEMU shows none" : "";
  } catch (const FileError& failure) {
    look.no_registers = failure.what();
  }
}

/// At a guest that could not tell itself what was wrong with it.
void look_from_outside(const GuestMemory& memory, const MailboxView& mailbox, const MachineRequest& request,
                       MachineOutcome& outcome) {
  const bool told = outcome.end == MachineEnd::kCompleted || outcome.end == MachineEnd::kCancelled ||
                    outcome.end == MachineEnd::kBadResult;
  if (told || outcome.stage < Stage::kReady) return;
  if (!outcome.last_look) outcome.last_look.emplace();
  look_at_memory(GuestRam(memory), mailbox.monitor_map(), request.topology.cpus(), *outcome.last_look);
}

void check(const MachineRequest& request) {
  const Topology& t = request.topology;
  if (t.numa_nodes == 0 || t.llcs == 0 || t.cores_per_llc == 0 || t.threads_per_core == 0 ||
      (t.llcs_of_node.empty() && t.llcs % t.numa_nodes != 0)) {
    throw FileError("the topology " + t.text() +
                    " is not possible: LLCs must be a multiple of NUMA nodes, and nothing may be 0");
  }
}

}  // namespace

std::uint64_t machine_memory_bytes(const MachineRequest& request) {
  std::uint64_t total = 192ULL << 20;  // QEMU itself and its translation buffer
  for (const std::uint64_t size : node_memory(request)) total += size;
  return total;
}

std::vector<std::string> machine_command(const MachineEnvironment& environment,
                                         const MachineRequest& request) {
  return qemu_command(environment.qemu, request, MachineFiles(environment.scratch),
                      GuestMemory(node_memory(request)), BootKind::kCold, request.kernel_image);
}

std::optional<MachineOutcome> run_machine(const MachineEnvironment& environment,
                                          const MachineRequest& request, const GuestWork& work,
                                          const std::atomic<bool>& cancel,
                                          const std::function<void(Stage)>& on_stage,
                                          const std::function<void(const std::string&)>& note,
                                          MachineError& error) {
  const auto begin = Clock::now();
  MachineOutcome outcome;
  try {
    check(request);
    const std::optional<QemuVersion> version = find_qemu(environment, cancel, error);
    if (!version) return std::nullopt;
    make_private_directory(environment.cache_dir);
    kit::ScratchDirectory scratch = make_scratch_directory(environment.scratch);
    const MachineFiles files(scratch.path());
    GuestMemory memory(node_memory(request), request.host);
    if (memory.short_of_huge_pages() && note) note("its memory is of small pages: others took the huge ones");
    const std::string kernel_hash = cached_file_hash(request.kernel_image, environment.cache_dir);
    std::optional<MailboxView> mailbox;
    std::unique_ptr<SampleStops> stops;
    if (request.deterministic) stops = std::make_unique<SampleStops>(files.directory);
    std::optional<Emulator> qemu(std::in_place, environment, request, files, memory, cancel);
    std::unique_ptr<Sampler> sampler;

    const bool cold = request.cold;
    if (cold) {
      write_file_atomically(files.initramfs(), make_initramfs(read_file(environment.agent, 64 << 20)));
      qemu->start(BootKind::kCold,
                  bootable_kernel(request.kernel_image, kernel_hash, environment.cache_dir, note));
    } else {
      const auto start = [&] { qemu->start(BootKind::kRestore, {}); };
      const TemplateCopy copy =
          SavedGuests(environment, request, cancel, note)
              .copy(files, memory, kernel_hash, version->text, work.before.get(), start);
      outcome.template_id = copy.id;
      outcome.template_made = copy.made;
    }
    qemu->talk([&](auto deadline) {
      KTSTR_ASSERT(cold == outcome.template_id.empty());
      // Not beside the copy of memory: kvm-tpr-opt looks into it as it is loaded.
      if (!cold) load_template(qemu->monitor(), deadline);
      mailbox.emplace(memory, mailbox_place(request));
      if (request.count) write_symbols(memory, *mailbox, files.symbols());
      mailbox->write_work(work, stops != nullptr);
      sampler = make_sampler(request, qemu->process(), qemu->monitor(), memory, *mailbox, std::move(stops),
                             deadline);
      for (const std::string& problem : place_vcpus(qemu->monitor(), request.host, deadline)) {
        if (note) note(problem);
      }
      let_go(qemu->process(), qemu->monitor(), request, deadline, note);
    });
    if (!cold) outcome.times.ready = Clock::now() - begin;
    const auto tell = [&](Stage stage) {
      sampler->stage(stage);
      if (on_stage) on_stage(stage);
    };
    const auto before_end = [&] { read_registers(qemu->monitor(), outcome); };
    watch(qemu->process(), request, files, *mailbox, cancel, tell, before_end, begin, outcome);
    outcome.monitor = sampler->finish();
    if (request.count) {
      if (const auto counts = kit::read_file(files.counts(), kMostCounts)) outcome.counts = *counts;
    }
    look_from_outside(memory, *mailbox, request, outcome);
    outcome.times.total = Clock::now() - begin;
    const auto cleanup = Clock::now();
    sampler.reset();
    qemu.reset();
    mailbox.reset();
    scratch.remove();
    outcome.times.cleanup = Clock::now() - cleanup;
    KTSTR_ASSERT(outcome.times.first_worker <= outcome.times.total);
    return outcome;
  } catch (const Cancelled&) {
    outcome.end = MachineEnd::kCancelled;
    outcome.reason = "stopped on request";
    outcome.times.total = Clock::now() - begin;
    return outcome;
  } catch (const NotAttached& failure) {
    error = machine_error(failure, environment);
    error.not_attached = true;
    return std::nullopt;
  } catch (const Crashed&) {
    error = caught_error(environment);
    error.crashed = true;
    return std::nullopt;
  } catch (...) {
    error = caught_error(environment);
    return std::nullopt;
  }
}

}  // namespace ktstr::kvm
