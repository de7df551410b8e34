// SPDX-License-Identifier: Apache-2.0
#include "runner/options.hpp"

#include <ktstr/kit/options.hpp>

namespace ktstr::kvm {
namespace {

constexpr std::uint64_t kMostMib = 1U << 30U;

/// What is said of a scheduler in detail is read with the manifests, which may say the same; here it is told
/// that texts are none of the host's paths: programs and files are looked for in the project that is tested.
boost::json::object declarations_schema() {
  using boost::json::object;
  const object text{{"type", "string"}, {"pattern", "^[^\\u0000]*$"}};
  const object texts{{"type", "array"}, {"items", text}};
  const object by_name{{"type", "object"}, {"additionalProperties", text}};
  const object whole{{"type", "integer"}};
  const object fact{{"type", {"string", "number", "boolean"}}, {"pattern", "^[^\\u0000]*$"}};
  object file = text;
  file["additionalProperties"] = text;
  file["type"] = {"string", "object"};
  object topology = file;
  return {{"type", "object"},
          {"additionalProperties",
           {{"type", "object"},
            {"additionalProperties", false},
            {"required", {"binary"}},
            {"properties",
             {{"binary", text},
              {"args", texts},
              {"env", by_name},
              {"files", {{"type", "array"}, {"items", file}}},
              {"attach_timeout_ms", whole},
              {"watchdog_timeout_ms", whole},
              {"metrics",
               {{"type", "object"},
                {"additionalProperties", {{"type", "object"}, {"additionalProperties", fact}}}}},
              {"topology", topology},
              {"kernel_args", texts},
              {"root_cgroup", text},
              {"sysctls",
               {{"type", "object"},
                {"additionalProperties", {{"type", {"string", "integer"}}, {"pattern", "."}}}}},
              {"assert", {{"type", "object"}}}}}}}};
}

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
                 "older templates are evicted")
        .object("schedulers", &RunnerOptions::schedulers, declarations_schema(),
                "by name: schedulers that tests of all manifests name; each as \"schedulers\" of a test "
                "manifest");

}  // namespace

const std::string kOptionsSchema = kOptions.schema();

RunnerOptions parse_options(std::string_view text) { return kOptions.read(text); }

}  // namespace ktstr::kvm
