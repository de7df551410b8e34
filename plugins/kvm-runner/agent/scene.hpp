// SPDX-License-Identifier: Apache-2.0
//
// What a guest looks like from inside, for whoever has to find out why a test failed.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result_rows.hpp"

namespace ktstr::agent {

/// Every task that is not the kernel's own, and of those the ones that wait uninterruptibly; so many at most.
std::vector<kvm::GuestTask> read_tasks(const std::string& proc = "/proc", std::size_t most = 128);

/// A line of /proc/PID/stat; false when it is none. `kernel`: whether the task is the kernel's own.
bool parse_task(std::string_view stat, kvm::GuestTask& task, bool& kernel);

/// From now on the kernel keeps what it dumps of a sched_ext scheduler that it ejects, in 64 KiB a CPU.
/// Nothing happens on a kernel without sched_ext.
void keep_scheduler_dumps();
/// What it kept: at most so many bytes of its beginning.
std::string scheduler_dump(std::size_t most = 48 << 10);
/// The text of the dump's lines in what tracefs shows.
std::string dump_lines(std::string_view trace, std::size_t most);

}  // namespace ktstr::agent
