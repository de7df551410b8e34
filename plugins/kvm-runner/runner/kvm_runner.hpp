// SPDX-License-Identifier: Apache-2.0
//
// The runner `kvm`: tests in QEMU guests, side by side. Everything it knows of machines comes through
// MachineApi.
#pragma once
#include <atomic>
#include <filesystem>
#include <functional>
#include <ktstr/cpp/host.hpp>
#include <ktstr/cpp/runner.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "machine/places.hpp"
#include "runner/host_resources.hpp"
#include "runner/machine_api.hpp"
#include "runner/options.hpp"
#include "runner/request.hpp"
#include "runner/side_by_side.hpp"
#include "runner/test_run.hpp"

namespace ktstr::kvm {

class KvmRunner : public sdk::Runner {
 public:
  /// `agent` is the static program that becomes the guest's /init.
  KvmRunner(sdk::Host host, RunnerOptions options, std::filesystem::path agent, MachineApi api);

  void probe(std::string_view request, const sdk::Writer& out) override;
  void discover(std::string_view request, const sdk::TestVisitor& visit) override;
  void run(std::string_view request, const sdk::RunEvents& events) override;
  void interrupt() noexcept override { cancel_ = true; }
  void shell(std::string_view request, const sdk::Writer& out) override;
  void verify(std::string_view request, const sdk::Writer& out) override;

 private:
  /// Chooses directories with room for `guests` at once; what was chosen for a larger number before stays.
  MachineEnvironment environment(const RunnerRequest& request, std::size_t guests);
  /// What machines are used through once the places are chosen.
  MachineApi api();
  /// `tell` gets what is news of the whole run.
  RunContext prepare(const RunnerRequest& request, const std::vector<TestSpec>& tests,
                     const std::function<void(const std::string&)>& tell);
  /// Throws when instructions cannot be counted as the request wants.
  void allow_counting(const RunnerRequest& request, RunContext& context);
  void run_all(const RunContext& context, const std::vector<TestSpec>& tests, const RunnerRequest& request,
               const sdk::RunEvents& events);

  sdk::Host host_;
  RunnerOptions options_;
  std::filesystem::path agent_;
  MachineApi api_;
  std::atomic<bool> cancel_{false};
  /// Kept from run to run, so that a temporary cache serves all runs of a comparison.
  std::unique_ptr<MachinePlaces> places_;
  std::filesystem::path places_for_;  ///< the host's cache directory that places_ was chosen for
  std::size_t places_guests_ = 0;
};

/// The tests that the request names, or all; with performance_only just those in performance mode. A name
/// that no test has is an error with a suggestion.
std::vector<TestSpec> select_tests(std::vector<TestSpec> tests, const RunnerRequest& request);

/// Why deterministic mode is noisier than it could be with this QEMU; empty when it is not.
std::string deterministic_warning(const QemuVersion& qemu);

}  // namespace ktstr::kvm
