// SPDX-License-Identifier: Apache-2.0

#include <cstdlib>
#include <ktstr/kit/hash.hpp>
#include <optional>

#include "machine/child.hpp"
#include "machine/files.hpp"
#include "machine/machine.hpp"
#include "machine/machine_error.hpp"
#include "machine/sealed_file.hpp"

namespace ktstr::kvm {
namespace {

namespace fs = std::filesystem;

/// The program that execvp would start; empty when there is none.
fs::path find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return fs::exists(name) ? fs::path(name) : fs::path();
  for (const char* directory : {"/usr/local/bin", "/usr/bin", "/bin", "/usr/libexec"}) {
    std::error_code error;
    if (fs::exists(fs::path(directory) / name, error)) return fs::path(directory) / name;
  }
  return {};
}

std::optional<QemuVersion> parse(const std::string& text) {
  QemuVersion version;
  int patch = 0;
  const std::size_t at = text.find("version ");
  if (at == std::string::npos ||
      std::sscanf(text.c_str() + at, "version %d.%d.%d", &version.major, &version.minor, &patch) < 2)
    return std::nullopt;
  version.text =
      std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(patch);
  return version;
}

}  // namespace

std::optional<QemuVersion> find_qemu(const MachineEnvironment& environment, const std::atomic<bool>& cancel,
                                     MachineError& error) {
  const fs::path program = find_program(environment.qemu);
  if (program.empty()) {
    error = {"QEMU is missing: there is no " + environment.qemu,
             "apt install qemu-system-x86, or run tools/setup for QEMU 10", true};
    return std::nullopt;
  }
  if (find_program("qemu-img").empty()) {
    error = {"QEMU is not complete: there is no qemu-img, which guests are saved with",
             "apt install qemu-utils", true};
    return std::nullopt;
  }
  try {
    // Starting QEMU just to ask costs as much as restoring a guest, so the answer is kept by the program's
    // identity.
    const fs::path kept =
        environment.cache_dir / "qemu" /
        kit::sha256_of(program.string() + std::to_string(fs::file_size(program)) + ":" +
                       std::to_string(fs::last_write_time(program).time_since_epoch().count()))
            .substr(0, 24);
    if (const auto known = parse(read_sealed(kept).text)) return known;
    const std::string text = run_command({program.string(), "--version"}, std::chrono::seconds(20), cancel);
    const auto version = parse(text);
    if (!version) throw FileError(program.string() + " --version printed something unexpected");
    make_private_directory(kept.parent_path());
    write_sealed(kept, text.substr(0, 200));
    return version;
  } catch (...) {
    error = caught_error(environment);
    return std::nullopt;
  }
}

}  // namespace ktstr::kvm
