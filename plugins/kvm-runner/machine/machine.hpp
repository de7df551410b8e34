// SPDX-License-Identifier: Apache-2.0
//
// One virtual machine, from a request to an outcome. This is what the rest of the runner sees of QEMU:
// everything about command lines, templates, QMP and accelerators lies behind it. No test, assertion or
// sidecar is known here.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "machine/host_plan.hpp"
#include "machine/observation.hpp"
#include "machine/topology.hpp"
#include "monitor/last_look.hpp"
#include "monitor/sample.hpp"
#include "protocol/mailbox.hpp"

namespace ktstr::kvm {

enum class Accelerator { kKvm, kTcg };
enum class AcceleratorChoice { kAuto, kKvm, kTcg };

/// What the machine needs and where it may keep things; the same for all machines of an invocation.
struct MachineEnvironment {
  std::filesystem::path agent;      ///< the static agent binary that becomes /init
  std::filesystem::path counter;    ///< QEMU's plugin that counts instructions
  std::filesystem::path cache_dir;  ///< templates, probe results, unpacked kernels; created when missing
  std::filesystem::path scratch;    ///< existing directory for the files of running guests (state, console,
                                    ///< sockets); may be shared
  std::string qemu = "qemu-system-x86_64";
  std::uint64_t template_budget_bytes =
      4ULL << 30;  ///< templates beyond this are evicted, least recently used first
  std::chrono::hours template_max_age{24 * 14};
};

struct QemuVersion {
  std::string text;  ///< "10.0.2"
  int major = 0, minor = 0;
};

/// The accelerator in force and why, in one line for people.
struct AcceleratorVerdict {
  Accelerator accelerator = Accelerator::kTcg;
  std::string why;  ///< "KVM works (probe guest ran in 1.2 s)" or "/dev/kvm cannot run a guest: …; using TCG"
  bool from_cache = false;
};

/// The error of anything that keeps a machine from being made. `environment` tells a missing prerequisite
/// (exit code 3) from a bug.
struct MachineError {
  std::string message;  ///< one line, names the thing
  std::string hint;     ///< the command or change that fixes it; may be empty
  bool environment = true;
  bool cache_full = false;  ///< the cache has no room: with another one it may work
  bool crashed = false;     ///< QEMU was started and crashed, which it will do again
  bool not_attached =
      false;  ///< what was to be done before did not come to its end: do it in the guest itself
};

struct Blob {
  std::string path;  ///< absolute path in the guest
  std::uint32_t mode = 0755;
  std::string contents;
};

/// Everything that decides what one machine is and does.
struct MachineRequest {
  std::filesystem::path kernel_image;         ///< bzImage or vmlinux on the host
  std::vector<std::string> kernel_arguments;  ///< appended to our own
  Topology topology;
  std::uint32_t memory_mib = 512;
  Accelerator accelerator = Accelerator::kTcg;
  bool deterministic = false;            ///< single-threaded TCG with icount; implies accelerator kTcg
  bool cold = false;                     ///< boot instead of restoring a template
  bool count = false;                    ///< instructions of the kernel; deterministic, and not cold
  HostPlan host;                         ///< what the guest has for itself; nothing in virtual time
  std::vector<std::string> attachments;  ///< arguments of QEMU for what people attach: a terminal, a
                                         ///< debugger; a device needs `cold`
  // Wall time; of a deterministic machine without what the host keeps from it (own_time.hpp).
  std::chrono::milliseconds boot_deadline{120'000};  ///< to Stage::kReady
  std::chrono::milliseconds run_deadline{60'000};    ///< from `go` to the machine's power-off
  std::chrono::milliseconds hang_deadline{
      20'000};  ///< without a change of stage or heartbeat while a scenario runs
};

/// What the agent gets: `make_spec` is called with the offset each blob was put at and returns the spec's
/// JSON text.
struct GuestWork {
  std::vector<Blob> files;
  std::function<std::string(const std::vector<std::uint64_t>& offsets)> make_spec;
  /// What has been done already in the saved guest that this one starts from: its scheduler is attached, and
  /// no file of it is needed again. Nothing: the guest was booted and no more. Not with `cold`.
  std::shared_ptr<const GuestWork> before;
  std::string nonce;  ///< as the mailbox's header has it; may be empty
};

enum class MachineEnd {
  kCompleted,   ///< the agent wrote a result and the guest powered off
  kGuestPanic,  ///< kernel panic or oops that ended the guest
  kAgentDied,   ///< the guest went down, or the agent said so in `last_words`, without a result
  kHung,        ///< no heartbeat within hang_deadline, or run_deadline passed
  kBootFailed,  ///< never reached Stage::kReady
  kQemuDied,    ///< the QEMU process ended by itself or was killed
  kBadResult,   ///< the result's size or position is not possible
  kCancelled,   ///< `cancel` became true
};

struct MachineTimes {
  std::chrono::nanoseconds
      ready{};  ///< from the call to the guest being able to run the spec (restore or boot)
  std::chrono::nanoseconds first_worker{};  ///< from the call to Stage::kScenarioStarted; 0 if it never came
  std::chrono::nanoseconds total{};         ///< from the call to the end of the QEMU process
  std::chrono::nanoseconds cleanup{};       ///< from there until no file of the machine was left
  std::int64_t first_worker_unix_ns =
      0;  ///< wall clock at Stage::kScenarioStarted, for benchmarks; 0 if it never came
};

struct MachineOutcome {
  MachineEnd end = MachineEnd::kQemuDied;
  std::string reason;  ///< one line for people, empty when completed
  Stage stage = Stage::kNone;
  std::string result;        ///< the agent's JSON text; may be present even when end is not kCompleted
  std::string console_tail;  ///< last 64 KiB of the serial console, raw (untrusted)
  std::string template_id;   ///< empty for a cold boot
  bool template_made = false;
  MachineTimes times;
  Observation seen;                   ///< what the host saw for itself
  MonitorReport monitor;              ///< and what it read of the guest's run queues
  std::optional<LastLook> last_look;  ///< of a guest that did not complete, as far as it came up
  std::string counts;  ///< what the counter wrote (cost/counts.hpp); empty: nothing was counted
};

/// Found QEMU's version, or why there is none.
std::optional<QemuVersion> find_qemu(const MachineEnvironment& environment, const std::atomic<bool>& cancel,
                                     MachineError& error);

/// Whether this QEMU can load the counter; `error` says why not.
bool can_count(const MachineEnvironment& environment, const std::atomic<bool>& cancel, MachineError& error);

/// Chooses the accelerator by running a probe guest under a deadline (20 s at most); the answer is remembered
/// in the cache by host kernel, QEMU version, CPU model and boot id. kKvm fails when KVM does not work; kAuto
/// falls back to TCG.
std::optional<AcceleratorVerdict> choose_accelerator(const MachineEnvironment& environment,
                                                     AcceleratorChoice choice,
                                                     const std::filesystem::path& kernel_image,
                                                     const std::atomic<bool>& cancel, MachineError& error);

/// Boots or restores a machine, lets it work, and cleans up. Blocking; any number may run at once on
/// different threads, also in different processes sharing one cache. `cancel` may become true at any time.
/// `on_stage` (may be empty) is called on the calling thread; `note` (may be empty) gets one-line news such
/// as "making a template (first run only)". std::nullopt with `error` set: the machine could not even be
/// started (no QEMU, no space, unreadable kernel).
std::optional<MachineOutcome> run_machine(const MachineEnvironment& environment,
                                          const MachineRequest& request, const GuestWork& work,
                                          const std::atomic<bool>& cancel,
                                          const std::function<void(Stage)>& on_stage,
                                          const std::function<void(const std::string&)>& note,
                                          MachineError& error);

/// The command that boots such a machine, as far as it can be told without making its files: those of the
/// scratch directory are named as if they were in `environment.scratch`.
std::vector<std::string> machine_command(const MachineEnvironment& environment,
                                         const MachineRequest& request);

/// Host memory that run_machine will need at its peak, for planning how many run side by side.
std::uint64_t machine_memory_bytes(const MachineRequest& request);

/// Room that the files of one running guest may come to need in `scratch`; its memory is no file.
inline constexpr std::uint64_t kMachineScratchBytes = 96ULL << 20;

}  // namespace ktstr::kvm
