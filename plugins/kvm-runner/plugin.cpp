// SPDX-License-Identifier: Apache-2.0
#include <ktstr/abi/library.h>

#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/sdk.hpp>

#include "machine/kernel_features.hpp"
#include "runner/kvm_runner.hpp"

namespace {

namespace kvm = ktstr::kvm;

constexpr const char* kId = "org.ktstr.kvm-runner";

/// The agent lies beside this library, wherever that was installed.
std::filesystem::path agent_path(const ktstr::sdk::Host& host) {
  const auto* service = static_cast<const ktstr_library_service*>(host.extension(KTSTR_LIBRARY_SERVICE));
  const std::filesystem::path library =
      service == nullptr ? std::filesystem::path()
                         : ktstr::sdk::view(service->path(host.table(), ktstr::sdk::str(kId)));
  if (!library.is_absolute())
    throw ktstr::sdk::Error(KTSTR_INTERNAL, "the runner kvm cannot find out where it was loaded from");
  return library.parent_path() / "ktstr-agent";
}

class Plugin : public kvm::KvmRunner {
 public:
  Plugin(ktstr::sdk::Host host, const ktstr::sdk::Creation& creation)
      : KvmRunner(host, ktstr::kit::refusing_mistakes([&] { return kvm::parse_options(creation.options); }),
                  agent_path(host),
                  {kvm::find_qemu, kvm::choose_accelerator, kvm::run_machine, kvm::machine_memory_bytes,
                   kvm::machine_command, kvm::kernel_has_sched_ext, kvm::can_count}) {}
};

}  // namespace

KTSTR_PLUGIN(kId, KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             ktstr::sdk::runner_impl<Plugin>("kvm", "tests in QEMU guests under KVM or TCG",
                                             kvm::kOptionsSchema))
