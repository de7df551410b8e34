// SPDX-License-Identifier: Apache-2.0
//
// Numbers that a scheduler keeps, read while it is attached: what its metrics ask for.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "agent/spec.hpp"
#include "protocol/result_rows.hpp"

namespace ktstr::agent {

/// `tick` is called while a socket is waited for.
std::vector<kvm::SchedulerReading> read_scheduler(const SchedulerSpec& scheduler,
                                                  const std::function<void()>& tick);

/// Sends a line to a Unix socket and returns the line, or all until its end, that it answers; empty with
/// `problem` set. Waits for `patience_ms` at most.
std::string ask_socket(const std::string& path, const std::string& request, int patience_ms,
                       const std::function<void()>& tick, std::string& problem);

}  // namespace ktstr::agent
