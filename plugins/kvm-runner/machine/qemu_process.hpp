// SPDX-License-Identifier: Apache-2.0
//
// What starting, saving and running a QEMU process have in common.
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "machine/child.hpp"
#include "machine/files.hpp"
#include "machine/machine.hpp"
#include "machine/qemu_command.hpp"
#include "machine/qmp.hpp"

namespace ktstr::kvm {

inline constexpr std::uint64_t kConsoleTail = 64 << 10;

std::string last_line(const std::string& text);
/// From `what` to the end of its line; empty when it is not in the text.
std::string line_with(const std::string& text, std::string_view what);

/// Of one that has ended: its status or signal, and its own last words.
std::string how_qemu_ended(const Child& qemu, const MachineFiles& files);
/// What to say of a failed conversation with QEMU: its own last words where it is gone, else what went wrong.
FileError qemu_failure(const FileError& failure, Child& qemu, const MachineFiles& files);

/// With icount, QEMU's vCPU thread and its main loop hand the virtual clock to and fro. Where both may run at
/// once, a main loop that wakes up late sees a vCPU in the middle of its turn and moves the clock at an
/// instant of the host's (measured with QEMU 10.0: two outcomes at random, up to 0.2 ms apart). On one CPU,
/// with the vCPU thread before the main loop, it runs only while the vCPUs sleep.
Placement placement_of(const MachineRequest& request);

/// Lets the guest run. The main loop of a deterministic one may not get to answer before the guest's CPUs
/// fall idle. Until here it has its CPU by turns with everybody's vCPUs: behind them it would not start as
/// long as another guest of this CPU is busy.
void let_go(Child& qemu, Qmp& qmp, const MachineRequest& request,
            std::chrono::steady_clock::time_point deadline,
            const std::function<void(const std::string&)>& note);

/// RAM is shared: it stays as it is, and is no part of the state.
void leave_memory_out(Qmp& qmp, std::chrono::steady_clock::time_point deadline);
/// The state that a saved guest was left in.
void load_template(Qmp& qmp, std::chrono::steady_clock::time_point deadline);

}  // namespace ktstr::kvm
