// SPDX-License-Identifier: Apache-2.0
//
// Whether KVM works is found out by running a guest under it: a /dev/kvm that opens, and even creates CPUs, may still be unable to run
// a stock kernel (nested and para-virtual hosts).
#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "machine/files.hpp"
#include "machine/machine.hpp"

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
  return std::string(name.release) + "|" + name.version + "|" + qemu.text + "|" + first_value("/proc/cpuinfo", "model name") + "|" + boot;
}

/// Empty when the probe guest ran, else one line that says why KVM is of no use.
std::string probe(const MachineEnvironment& environment, const std::filesystem::path& kernel_image) {
  const Fd device(::open("/dev/kvm", O_RDWR | O_CLOEXEC));
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
  const GuestWork nothing{{}, [](const auto&) { return std::string("{\"version\": 1, \"probe\": true}"); }};
  std::atomic<bool> enough{false};
  bool booted = false;
  MachineError error;
  const auto outcome = run_machine(
      environment, request, nothing, enough,
      [&](Stage stage) {
        booted = booted || stage >= Stage::kBooted;
        enough = booted;  // user space runs: that is all we wanted to know
      },
      {}, error);
  if (booted) return {};
  if (!outcome) return "/dev/kvm opens, but " + error.message;
  return "/dev/kvm opens but cannot run a guest (" + outcome->reason + ")";
}

}  // namespace

std::optional<AcceleratorVerdict> choose_accelerator(const MachineEnvironment& environment, AcceleratorChoice choice,
                                                     const std::filesystem::path& kernel_image, MachineError& error) {
  if (choice == AcceleratorChoice::kTcg) return AcceleratorVerdict{Accelerator::kTcg, "TCG was asked for", false};
  const auto qemu = find_qemu(environment, error);
  if (!qemu) return std::nullopt;

  std::string why_not;
  bool known = false;
  try {
    make_private_directory(environment.cache_dir);
    const std::filesystem::path file = environment.cache_dir / "accelerator.json";
    const std::string identity = host_identity(*qemu);
    boost::system::error_code failure;
    const boost::json::value kept = boost::json::parse(read_tail(file, 16 << 10), failure);
    const auto* object = failure ? nullptr : kept.if_object();
    const auto* kept_identity = object == nullptr ? nullptr : object->if_contains("host");
    const auto* kept_reason = object == nullptr ? nullptr : object->if_contains("kvm_unusable_because");
    if (kept_identity != nullptr && kept_identity->is_string() && kept_identity->as_string() == identity && kept_reason != nullptr &&
        kept_reason->is_string()) {
      why_not = std::string(kept_reason->as_string());
      known = true;
    } else {
      why_not = probe(environment, kernel_image);
      write_file_atomically(file, boost::json::serialize(boost::json::object{{"host", identity}, {"kvm_unusable_because", why_not}}));
    }
  } catch (const std::exception& failure) {
    error = {failure.what(), "", true};
    return std::nullopt;
  }
  if (why_not.empty()) return AcceleratorVerdict{Accelerator::kKvm, "KVM works (a probe guest ran)", known};
  if (choice == AcceleratorChoice::kKvm) {
    error = {"KVM was asked for, but " + why_not, "use accel \"auto\" or \"tcg\", or run on a host whose KVM works", true};
    return std::nullopt;
  }
  return AcceleratorVerdict{Accelerator::kTcg, why_not + "; using TCG, which is slower", known};
}

}  // namespace ktstr::kvm
