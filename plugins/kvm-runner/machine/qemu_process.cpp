// SPDX-License-Identifier: Apache-2.0
#include "machine/qemu_process.hpp"

#include <signal.h>
#include <string.h>

#include <ktstr/kit/read_file.hpp>

namespace ktstr::kvm {

using std::chrono::milliseconds;

namespace {

constexpr const char* kNotInOrder =
    "no permission for real-time scheduling (CAP_SYS_NICE or ulimit -r 2): deterministic runs may now and "
    "then differ";

}  // namespace

std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of(" \n\r");
  if (end == std::string::npos) return {};
  const std::size_t begin = text.rfind('\n', end);
  return text
      .substr(begin == std::string::npos ? 0 : begin + 1,
              end - (begin == std::string::npos ? 0 : begin + 1) + 1)
      .substr(0, 300);
}

std::string line_with(const std::string& text, std::string_view what) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) return {};
  return text.substr(at, std::min<std::size_t>(text.find('\n', at) - at, 300));
}

std::string how_qemu_ended(const Child& qemu, const MachineFiles& files) {
  std::string text = qemu.signal() != 0 ? "QEMU was killed by signal " + std::to_string(qemu.signal()) +
                                              " (" + ::strsignal(qemu.signal()) + ")"
                     : qemu.exit_status() < 0
                         ? std::string("QEMU ended, and its status was taken by somebody else")
                         : "QEMU ended with status " + std::to_string(qemu.exit_status());
  if (const std::string line = last_line(kit::read_tail(files.errors(), 4096)); !line.empty())
    text += ": " + line;
  return text;
}

FileError qemu_failure(const FileError& failure, Child& qemu, const MachineFiles& files) {
  if (!qemu.wait_for(milliseconds(200))) return failure;
  const bool killed = qemu.signal() == SIGKILL;
  return FileError(
      how_qemu_ended(qemu, files),
      killed ? "the kernel ends what takes too much memory: raise the limit of the container or job, "
               "or lower memory_mib in the manifest"
             : failure.hint);
}

Placement placement_of(const MachineRequest& request) {
  return request.deterministic ? Placement::kOneCpu : Placement::kAnywhere;
}

void let_go(Child& qemu, Qmp& qmp, const MachineRequest& request,
            std::chrono::steady_clock::time_point deadline,
            const std::function<void(const std::string&)>& note) {
  if (!request.deterministic) {
    qmp.call("cont", {}, deadline);
    return;
  }
  if (!qemu.calm_main_thread() && note) note(kNotInOrder);
  qmp.send("cont");
}

void leave_memory_out(Qmp& qmp, std::chrono::steady_clock::time_point deadline) {
  qmp.call("migrate-set-capabilities",
           {{"capabilities", json::array{json::object{{"capability", "x-ignore-shared"}, {"state", true}}}}},
           deadline);
}

void load_template(Qmp& qmp, std::chrono::steady_clock::time_point deadline) {
  leave_memory_out(qmp, deadline);
  qmp.human("loadvm t", deadline);
}

}  // namespace ktstr::kvm
