// SPDX-License-Identifier: Apache-2.0
#include "runner/options.hpp"

#include <ktstr/kit/options.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kMostMib = 1U << 30U;

const auto kOptions =
    kit::OptionTable<RunnerOptions>("runner kvm")
        .choice("accel", &RunnerOptions::accel, "accelerator",
                {{"auto", AcceleratorChoice::kAuto},
                 {"kvm", AcceleratorChoice::kKvm},
                 {"tcg", AcceleratorChoice::kTcg}},
                "auto: KVM where a probe guest runs, else TCG")
        .program("qemu", &RunnerOptions::qemu, "QEMU's name or absolute path")
        .integer("memory_limit_mib", &RunnerOptions::memory_limit_mib, 0, kMostMib,
                 "host memory for all guests together; 0: what is free")
        .flag("cold", &RunnerOptions::cold, "boot every guest instead of restoring a template")
        .path("scratch_dir", &RunnerOptions::scratch_dir,
              "absolute directory for the files of running guests; default: /dev/shm, or where there is room")
        .path("sysroot", &RunnerOptions::sysroot,
              "absolute directory that a scheduler's loader, libraries and interpreter are taken from")
        .integer("template_budget_mib", &RunnerOptions::template_budget_mib, 0, kMostMib,
                 "templates beyond this are evicted")
        .integer("template_max_age_days", &RunnerOptions::template_max_age_days, 1, 3650,
                 "older templates are evicted");

}  // namespace

const std::string kOptionsSchema = kOptions.schema();

RunnerOptions parse_options(std::string_view text) { return kOptions.read(text); }

}  // namespace ktstr::kvm
