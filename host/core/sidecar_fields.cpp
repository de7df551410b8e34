// SPDX-License-Identifier: Apache-2.0
#include "core/sidecar_fields.hpp"

namespace ktstr {

std::span<const OptionalField> optional_fields() {
  constexpr bool expected = false, actionable = true, everywhere = false, own = true;
  static const std::vector<OptionalField> kFields = {
      {"resolve_source", expected, {"the test ran with the kernel's own scheduler, so no scheduler binary was looked for"}, "", everywhere},
      {"scheduler_commit", expected, {"a scheduler binary does not say what commit it was built from; scheduler_sha256 and scheduler_build_id identify it"}, "", everywhere},
      {"project_commit", actionable,
       {"the working directory was deleted", "the project is not in a git repository", "HEAD cannot be read, or the repository has no commit yet"},
       "run the tests inside a git repository that has a commit", everywhere},
      {"payload", expected, {"the test declares no binary payload"}, "", everywhere},
      {"monitor", actionable, {"the runner does not sample guests from outside", "the guest ended before the first sample", "no sample was valid"}, "", everywhere},
      {"kvm_stats", actionable, {"the guest was emulated (accelerator tcg)", "the host's kernel offers no KVM statistics", "the runner does not read them"}, "", everywhere},
      {"kernel_version", actionable, {"neither the kernel image nor the guest told a version"}, "name a kernel that ktstr kernel list shows: --kernel", everywhere},
      {"kernel_commit", actionable,
       {"KTSTR_KERNEL is unset or empty, or --kernel named a packaged kernel", "the kernel's source is a tarball or a temporary checkout",
        "the kernel's directory is not a git repository, or has no commit yet"},
       "set KTSTR_KERNEL to a local kernel source tree that is a git repository (e.g. a git clone of the kernel)", everywhere},
      {"host", actionable, {"the file was not written by a test run", "the file is older than the field"}, "run the test again", everywhere},
      {"cleanup_duration_ms", actionable, {"the run was ended before its machine could be taken down"}, "", everywhere},
      {"run_source", actionable, {"the file is older than the field's name (it was \"source\")"}, "run the test again, or rename the key in the file", everywhere},
      {"scheduler_sha256", expected, {"the test ran with the kernel's own scheduler"}, "", own},
      {"scheduler_build_id", expected, {"the test ran with the kernel's own scheduler", "the scheduler binary was linked without a build id"}, "", own},
      {"manifest_sha256", actionable, {"the file is older than the field", "the runner does not tell"}, "run the test again", own},
      {"project_commit_full", actionable, {"as project_commit"}, "run the tests inside a git repository that has a commit", own},
      {"kernel_commit_full", actionable, {"as kernel_commit"}, "set KTSTR_KERNEL to a local kernel source tree that is a git repository", own},
      {"kernel_label", expected, {"the kernel is a distribution's package, of which there is one for a version"}, "", own},
      {"kernel_release", actionable, {"neither the kernel image nor the guest told a release"}, "", own},
      {"failure", expected, {"the test passed"}, "", own},
      {"qemu_version", expected, {"the test did not run in QEMU"}, "", own},
      {"template_id", expected, {"the guest was booted instead of restored (--cold), or never started"}, "", own},
      {"perf_delta", expected, {"the run was not part of perf-delta --noise-adjust"}, "", own},
      {"host_before", actionable, {"the file is older than the field"}, "run the test again", own},
  };
  return kFields;
}

}  // namespace ktstr
