// SPDX-License-Identifier: Apache-2.0
//
// Whether KVM works is found out by running a guest under it: a /dev/kvm that opens, and even creates CPUs,
// may still be unable to run a stock kernel (nested and para-virtual hosts).
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <ktstr/kit/json.hpp>
#include <thread>

#include "machine/child.hpp"
#include "machine/files.hpp"
#include "machine/machine.hpp"
#include "machine/machine_error.hpp"
#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::chrono::milliseconds kProbeDeadline{15'000};

std::string first_value(const char* file, std::string_view key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(key)) continue;
    const std::size_t colon = line.find(": ");
    return colon == std::string::npos ? std::string() : line.substr(colon + 2);
  }
  return {};
}

/// What the answer depends on: another kernel, QEMU, CPU or boot asks again.
std::string host_identity(const QemuVersion& qemu) {
  utsname name{};
  ::uname(&name);
  std::string boot;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id") >> std::ws, boot);
  return std::string(name.release) + "|" + name.version + "|" + qemu.text + "|" +
         first_value("/proc/cpuinfo", "model name") + "|" + boot;
}

/// Empty when the probe guest ran, else one line that says why KVM is of no use. `remember` tells whether
/// that will hold for the next run too: what kept QEMU from being started may be over by then.
std::string probe(const MachineEnvironment& environment, const std::filesystem::path& kernel_image,
                  const std::atomic<bool>& cancel, bool& remember) {
  const kit::Fd device(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
  if (!device.open()) {
    if (errno == ENOENT) return "there is no /dev/kvm";
    return "/dev/kvm cannot be opened: " + std::string(std::strerror(errno));
  }
  MachineRequest request;
  request.kernel_image = kernel_image;
  request.topology = {1, 1, 1, 1};
  request.memory_mib = 256;
  request.accelerator = Accelerator::kKvm;
  request.cold = true;
  request.boot_deadline = kProbeDeadline;
  request.run_deadline = std::chrono::seconds(3);
  request.hang_deadline = std::chrono::seconds(3);
  const GuestWork nothing{
      {}, [](const auto&) { return std::string("{\"version\": 1, \"probe\": true}"); }, nullptr, {}};
  std::atomic<bool> enough{false};
  bool booted = false;
  MachineError error;
  std::optional<MachineOutcome> outcome;
  {
    const std::jthread stopper([&](const std::stop_token& done) {  // enough, too, when the user asks to stop
      for (; !done.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(10))) {
        if (cancel) enough = true;
      }
    });
    outcome = run_machine(
        environment, request, nothing, enough,
        [&](Stage stage) {
          booted = booted || stage >= Stage::kBooted;
          if (booted) enough = true;  // user space runs: that is all we wanted to know
        },
        {}, error);
  }
  if (cancel) throw Cancelled{};
  remember = booted || outcome || error.crashed;
  if (booted) return {};
  if (!outcome && error.cache_full) throw CacheFull{error};  // tells nothing of KVM
  if (!outcome) return "/dev/kvm opens, but " + error.message;
  return "/dev/kvm opens but cannot run a guest (" + outcome->reason + ")";
}

/// What an earlier run found out on this host; nothing when none did or its note cannot be read, `damaged`
/// telling which.
std::optional<std::string> remembered(const std::filesystem::path& file, const std::string& identity,
                                      bool& damaged) {
  const SealedText kept = read_sealed(file);
  damaged = kept.state == SealedText::kDamaged;
  const json::object object = kit::object_or_empty(kept.text);
  const auto* host = object.if_contains("host");
  const auto* reason = object.if_contains("kvm_unusable_because");
  if (host == nullptr || !host->is_string() || host->get_string() != identity || reason == nullptr ||
      !reason->is_string())
    return std::nullopt;
  return std::string(reason->get_string());
}

}  // namespace

std::optional<AcceleratorVerdict> choose_accelerator(const MachineEnvironment& environment,
                                                     AcceleratorChoice choice,
                                                     const std::filesystem::path& kernel_image,
                                                     const std::atomic<bool>& cancel, MachineError& error) {
  if (choice == AcceleratorChoice::kTcg)
    return AcceleratorVerdict{Accelerator::kTcg, "TCG was asked for", false};
  const auto qemu = find_qemu(environment, cancel, error);
  if (!qemu) return std::nullopt;

  std::string why_not, note;
  bool known = false;
  try {
    make_private_directory(environment.cache_dir);
    const std::filesystem::path file = environment.cache_dir / "accelerator";
    const std::string identity = host_identity(*qemu);
    bool damaged = false;
    if (const auto kept = remembered(file, identity, damaged)) {
      why_not = *kept;
      known = true;
    } else {
      if (damaged) note = " (" + file.string() + " is damaged: asked again)";
      bool remember = true;
      why_not = probe(environment, kernel_image, cancel, remember);
      if (remember)
        write_sealed(file, to_text(json::object{{"host", identity}, {"kvm_unusable_because", why_not}}, 0));
    }
  } catch (...) {
    error = caught_error(environment);
    return std::nullopt;
  }
  if (why_not.empty())
    return AcceleratorVerdict{Accelerator::kKvm, "KVM works (a probe guest ran)" + note, known};
  if (choice == AcceleratorChoice::kKvm) {
    error = {"KVM was asked for, but " + why_not,
             "use accel \"auto\" or \"tcg\", or run on a host whose KVM works", true};
    return std::nullopt;
  }
  return AcceleratorVerdict{Accelerator::kTcg, why_not + "; using TCG, which is slower" + note, known};
}

}  // namespace ktstr::kvm
