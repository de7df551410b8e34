// SPDX-License-Identifier: Apache-2.0
#include "runner/probe.hpp"

#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>

#include "runner/host_resources.hpp"
#include "runner/kvm_runner.hpp"
#include "runner/shell.hpp"

namespace ktstr::kvm {
namespace {

enum class State { kOk, kWarn, kFail };

struct Check {
  std::string name;
  State state = State::kOk;
  std::string found, fix;
};

Check probe_qemu(const MachineEnvironment& environment, const MachineApi& api,
                 const std::atomic<bool>& cancel) {
  MachineError error;
  const std::optional<QemuVersion> qemu = api.find_qemu(environment, cancel, error);
  if (!qemu) return {"QEMU", State::kFail, error.message, error.hint};
  const std::string warning = deterministic_warning(*qemu);
  if (warning.empty()) return {"QEMU", State::kOk, qemu->text, ""};
  return {"QEMU", State::kWarn, qemu->text + "; " + warning,
          "install QEMU 10 or newer, or do without --deterministic"};
}

Check probe_agent(const MachineEnvironment& environment) {
  std::error_code failure;
  if (std::filesystem::is_regular_file(environment.agent, failure))
    return {"agent", State::kOk, environment.agent.string(), ""};
  return {"agent", State::kFail, environment.agent.string() + " is missing",
          "it belongs beside the plugin: install ktstr again"};
}

Check probe_kernel(const RunnerRequest& request) {
  if (!request.kernel) return {"kernel", State::kFail, "none was found", "ktstr kernel fetch 6.18"};
  std::error_code failure;
  const std::string image = request.kernel->image.string();
  if (!std::filesystem::is_regular_file(request.kernel->image, failure))
    return {"kernel", State::kFail, image + " does not exist", "ktstr kernel list"};
  return {"kernel", State::kOk, request.kernel->release.empty() ? image : request.kernel->release, ""};
}

/// What may make KVM usable, from the reason that it is not.
std::string kvm_fix(const std::string& why) {
  if (why.find("there is no /dev/kvm") != std::string::npos)
    return "switch virtualisation on in the firmware or in the hypervisor, then: modprobe kvm_intel (or "
           "kvm_amd); in a container: --device /dev/kvm";
  if (why.find("cannot be opened") != std::string::npos)
    return "sudo usermod -aG kvm \"$USER\", and log in again";
  return "for KVM, run on bare metal or let the hypervisor nest it; --deterministic never uses it";
}

Check probe_accelerator(const MachineEnvironment& environment, const RunnerOptions& options,
                        const RunnerRequest& request, const MachineApi& api,
                        const std::atomic<bool>& cancel) {
  MachineError error;
  const std::optional<AcceleratorVerdict> verdict =
      api.choose_accelerator(environment, options.accel, request.kernel->image, cancel, error);
  if (!verdict) return {"KVM", State::kFail, error.message, error.hint};
  const bool wanted = options.accel != AcceleratorChoice::kTcg;
  if (verdict->accelerator == Accelerator::kKvm || !wanted) return {"KVM", State::kOk, verdict->why, ""};
  return {"KVM", State::kWarn, verdict->why, kvm_fix(verdict->why)};
}

Check probe_shell(const RunnerOptions& options) {
  const FileRoot root(options.sysroot);
  for (const char* directory : {"/usr/local/bin/", "/usr/bin/", "/bin/"}) {
    std::string contents, why;
    const std::string path = std::string(directory) + kBusybox;
    if (root.read(path, contents, why)) return {"shell", State::kOk, root.shown(path), ""};
  }
  return {"shell", State::kWarn, "there is no busybox: ktstr shell cannot open one in a guest", kBusyboxFix};
}

Check probe_resources(const MachineEnvironment& environment, const std::vector<std::string>& news) {
  const HostResources host = host_resources();
  std::string found = std::to_string(host.cores) + (host.cores == 1 ? " core, " : " cores, ") +
                      std::to_string(host.memory_bytes >> 20U) + " MiB of memory, files of guests in " +
                      environment.scratch.string() + " and " + environment.cache_dir.string();
  for (const std::string& line : news) found += "; " + line;
  constexpr std::uint64_t kSmallestGuest = 256U << 20U;
  if (host.memory_bytes < kSmallestGuest)
    return {"resources", State::kFail, found, "free memory, or raise the container's memory limit"};
  return {"resources", State::kOk, found, ""};
}

}  // namespace

std::string probe_document(const MachineEnvironment& environment, const std::vector<std::string>& news,
                           const RunnerOptions& options, const RunnerRequest& request, const MachineApi& api,
                           const std::atomic<bool>& cancel) {
  std::vector<Check> checks = {probe_qemu(environment, api, cancel), probe_agent(environment),
                               probe_kernel(request)};
  const bool can_run =
      checks[0].state != State::kFail && checks[1].state != State::kFail && checks[2].state != State::kFail;
  if (can_run) checks.push_back(probe_accelerator(environment, options, request, api, cancel));
  checks.push_back(probe_shell(options));
  checks.push_back(probe_resources(environment, news));
  JsonWriter json;
  json.begin_object().key("checks").begin_array();
  for (const Check& check : checks) {
    const char* const state = check.state == State::kOk     ? "ok"
                              : check.state == State::kWarn ? "warn"
                                                            : "fail";
    json.begin_object()
        .member("name", check.name)
        .member("state", state)
        .member("found", printable_start(check.found, 600));
    json.member("fix", check.fix).end_object();
  }
  json.end_array().end_object();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
