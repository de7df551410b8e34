// SPDX-License-Identifier: Apache-2.0
#include "runner/full_cache.hpp"

namespace ktstr::kvm {
namespace {

/// Calls again with the other cache; `call` returns something that is empty for an error.
template <typename Call>
auto in_some_cache(MachinePlaces& places, const std::function<void(const std::string&)>& tell,
                   MachineEnvironment environment, MachineError& error, const Call& call) {
  environment.cache_dir = places.cache();
  auto answer = call(environment);
  if (answer || !error.cache_full || !places.leave_cache(environment.cache_dir, error.message, tell))
    return answer;
  environment.cache_dir = places.cache();
  error = {};
  return call(environment);
}

}  // namespace

MachineApi with_another_cache_when_full(const MachineApi& api, MachinePlaces& places,
                                        const std::function<void(const std::string&)>& tell) {
  MachineApi result = api;
  result.find_qemu = [=, &places](const MachineEnvironment& environment, const std::atomic<bool>& cancel,
                                  MachineError& error) {
    return in_some_cache(places, tell, environment, error,
                         [&](const MachineEnvironment& in) { return api.find_qemu(in, cancel, error); });
  };
  result.choose_accelerator = [=, &places](const MachineEnvironment& environment, AcceleratorChoice choice,
                                           const std::filesystem::path& kernel,
                                           const std::atomic<bool>& cancel, MachineError& error) {
    return in_some_cache(places, tell, environment, error, [&](const MachineEnvironment& in) {
      return api.choose_accelerator(in, choice, kernel, cancel, error);
    });
  };
  result.run_machine = [=, &places](const MachineEnvironment& environment, const MachineRequest& request,
                                    const GuestWork& work, const std::atomic<bool>& cancel,
                                    const std::function<void(Stage)>& on_stage,
                                    const std::function<void(const std::string&)>& note,
                                    MachineError& error) {
    return in_some_cache(places, tell, environment, error, [&](const MachineEnvironment& in) {
      return api.run_machine(in, request, work, cancel, on_stage, note, error);
    });
  };
  result.kernel_has_sched_ext = [=, &places](MachineEnvironment environment,
                                             const std::filesystem::path& image) {
    environment.cache_dir = places.cache();
    return api.kernel_has_sched_ext(environment, image);
  };
  return result;
}

}  // namespace ktstr::kvm
