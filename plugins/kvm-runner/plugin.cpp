// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <ktstr/sdk.hpp>

#include "kvm_runner.hpp"
#include "machine/kernel_features.hpp"

namespace {

namespace kvm = ktstr::kvm;

/// The agent lies beside this library, wherever that was installed.
std::filesystem::path agent_path() {
  static const int anchor = 0;
  Dl_info info{};
  if (dladdr(&anchor, &info) == 0 || info.dli_fname == nullptr) {
    throw ktstr::sdk::Error(KTSTR_INTERNAL, "the runner kvm cannot find out where it was loaded from");
  }
  return std::filesystem::absolute(info.dli_fname).parent_path() / "ktstr-agent";
}

class Plugin : public kvm::KvmRunner {
 public:
  Plugin(ktstr::sdk::Host host, std::string_view options)
      : KvmRunner(host, kvm::parse_options(options), agent_path(),
                  {kvm::find_qemu, kvm::choose_accelerator, kvm::run_machine, kvm::machine_memory_bytes, kvm::kernel_has_sched_ext}) {}
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.kvm-runner", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             ktstr::sdk::runner_impl<Plugin>("kvm", "tests in QEMU guests under KVM or TCG", kvm::kOptionsSchema))
