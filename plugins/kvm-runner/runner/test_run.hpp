// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <functional>
#include <ktstr/cpp/runner.hpp>
#include <map>
#include <optional>
#include <string>

#include "guest/guest_files.hpp"
#include "judge/evidence.hpp"
#include "manifest/test_spec.hpp"
#include "runner/machine_api.hpp"
#include "sidecar/sidecar.hpp"

namespace ktstr::kvm {

/// A scheduler's files, or why there are none.
struct CollectedFiles {
  GuestFiles files;
  std::optional<MachineError> error;
};

/// What all tests of one run share; read by many threads, changed by none.
struct RunContext {
  MachineEnvironment environment;
  MachineApi api;
  RunFacts facts;  ///< without what differs from test to test
  std::filesystem::path kernel_image, project_dir, sysroot = "/";
  bool cold = false;
  bool count = false;     ///< the kernel's instructions
  bool sched_ext = true;  ///< false: the kernel is known to have none
  std::uint32_t host_cores = 1;
  std::function<void(const std::string&)> debug;     ///< a line for whoever looks for a mistake
  std::map<std::string, CollectedFiles> schedulers;  ///< by the manifest's `binary`
};

/// What the machine is asked for, deadlines included.
MachineRequest machine_request(const RunContext& context, const TestSpec& test);

/// Host CPUs that the guest of this test gets. In virtual time every vCPU has one of its own, whatever the
/// host has.
std::uint32_t cpu_budget(const RunContext& context, const TestSpec& test);

/// What nobody but the agent of one run can know. Always as long, so that it changes nothing of what a
/// deterministic guest does.
std::string new_nonce();

/// The files that a test takes into its guest: of its schedulers, the kernel's configuration for them, and of
/// its payloads. False with `error` filled in.
bool take_files(const RunContext& context, const TestSpec& test, GuestFiles& files, MachineError& error);

/// A guest that ran, again where the emulator tripped.
struct GuestRun {
  std::optional<MachineOutcome> outcome;  ///< nothing: there was no machine, see `error`
  RunTerms terms;
  std::uint32_t attempt = 1;
  MachineError error;
};
GuestRun run_guest(const RunContext& context, const TestSpec& test, const GuestFiles& files,
                   const std::function<void(const std::string&)>& note, const std::atomic<bool>& cancel,
                   const HostPlan& host = {});

/// Runs one test and tells the host all of it: started, sidecar, failure dump, finished. Throws only when
/// memory runs out.
void run_test(const RunContext& context, const TestSpec& test, const sdk::RunEvents& events,
              const std::atomic<bool>& cancel, const HostPlan& host = {});

}  // namespace ktstr::kvm
