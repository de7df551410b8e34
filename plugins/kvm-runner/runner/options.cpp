// SPDX-License-Identifier: Apache-2.0
#include "runner/options.hpp"

#include <array>

#include "manifest/strict_json.hpp"

namespace ktstr::kvm {

const std::string_view kOptionsSchema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {
    "accel": {"enum": ["auto", "kvm", "tcg"], "default": "auto", "description": "auto: KVM where a probe guest runs, else TCG"},
    "qemu": {"type": "string", "format": "host-program", "default": "qemu-system-x86_64", "description": "QEMU's name or absolute path"},
    "memory_limit_mib": {"type": "integer", "minimum": 0, "default": 0, "description": "host memory for all guests together; 0: what is free"},
    "cold": {"type": "boolean", "default": false, "description": "boot every guest instead of restoring a template"},
    "scratch_dir": {"type": "string", "format": "host-path",
      "description": "absolute directory for the files of running guests; default: /dev/shm, or where there is room"},
    "sysroot": {"type": "string", "format": "host-path", "default": "/",
      "description": "absolute directory that a scheduler's loader, libraries and interpreter are taken from"},
    "template_budget_mib": {"type": "integer", "minimum": 0, "default": 4096, "description": "templates beyond this are evicted"},
    "template_max_age_days": {"type": "integer", "minimum": 1, "maximum": 3650, "default": 14, "description": "older templates are evicted"}
  }
})";

RunnerOptions parse_options(std::string_view text) {
  static constexpr std::array<std::string_view, 8> kKeys = {
      "accel",       "qemu",    "memory_limit_mib",    "cold",
      "scratch_dir", "sysroot", "template_budget_mib", "template_max_age_days"};
  static constexpr std::array<std::string_view, 3> kAccelerators = {"auto", "kvm", "tcg"};
  const std::string document = "options of the runner kvm";
  const boost::json::value parsed = parse_strict(text.empty() ? "{}" : text, document);
  const StrictObject object({&parsed, document}, kKeys, true);
  RunnerOptions options;
  if (const Located* found = object.find("accel")) {
    const std::string name = found->one_of(kAccelerators, "accelerator");
    options.accel = name == "kvm"   ? AcceleratorChoice::kKvm
                    : name == "tcg" ? AcceleratorChoice::kTcg
                                    : AcceleratorChoice::kAuto;
  }
  if (const Located* found = object.find("qemu")) {
    options.qemu = found->text(4096);
    if (options.qemu.empty()) wrong(found->place, "a program's name or path", *found->value);
  }
  if (const Located* found = object.find("memory_limit_mib"))
    options.memory_limit_mib = found->integer(0, 1U << 30U);
  if (const Located* found = object.find("cold")) options.cold = found->boolean();
  if (const Located* found = object.find("scratch_dir")) {
    options.scratch_dir = found->text(4096);
    if (!options.scratch_dir.is_absolute()) wrong(found->place, "an absolute path", *found->value);
  }
  if (const Located* found = object.find("sysroot")) {
    options.sysroot = found->text(4096);
    if (!options.sysroot.is_absolute()) wrong(found->place, "an absolute path", *found->value);
  }
  if (const Located* found = object.find("template_budget_mib"))
    options.template_budget_mib = found->integer(0, 1U << 30U);
  if (const Located* found = object.find("template_max_age_days"))
    options.template_max_age_days = found->integer(1, 3650);
  return options;
}

}  // namespace ktstr::kvm
