// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <optional>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// The program that schedules; nothing: the kernel's own scheduler, "eevdf" or null.
std::optional<SchedulerSpec> parse_scheduler(const Located& located);

/// "name", "binary", "args", "env", "files" of any program.
void parse_program(const StrictObject& object, ProgramSpec& program);

}  // namespace ktstr::kvm
