// SPDX-License-Identifier: Apache-2.0
#include "runner/probe.hpp"

#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>

#include "runner/host_resources.hpp"
#include "runner/kvm_runner.hpp"

namespace ktstr::kvm {
namespace {

struct Item {
  std::string name;
  bool ok = false;
  std::string detail, hint;
};

Item probe_qemu(const MachineEnvironment& environment, const MachineApi& api,
                const std::atomic<bool>& cancel) {
  MachineError error;
  const std::optional<QemuVersion> qemu = api.find_qemu(environment, cancel, error);
  if (!qemu) return {"qemu", false, error.message, error.hint};
  const std::string warning = deterministic_warning(*qemu);
  return {"qemu", true, "QEMU " + qemu->text + (warning.empty() ? "" : "; " + warning), ""};
}

Item probe_agent(const MachineEnvironment& environment) {
  std::error_code failure;
  if (std::filesystem::is_regular_file(environment.agent, failure))
    return {"agent", true, environment.agent.string(), ""};
  return {"agent", false, environment.agent.string() + " is missing",
          "it belongs beside the plugin: install ktstr again"};
}

Item probe_kernel(const RunnerRequest& request) {
  if (!request.kernel) return {"kernel", false, "none was found", "ktstr kernel fetch 6.18"};
  std::error_code failure;
  const std::string image = request.kernel->image.string();
  if (!std::filesystem::is_regular_file(request.kernel->image, failure))
    return {"kernel", false, image + " does not exist", "ktstr kernel list"};
  return {"kernel", true, request.kernel->release.empty() ? image : request.kernel->release, ""};
}

Item probe_accelerator(const MachineEnvironment& environment, const RunnerOptions& options,
                       const RunnerRequest& request, const MachineApi& api, const std::atomic<bool>& cancel) {
  MachineError error;
  const std::optional<AcceleratorVerdict> verdict =
      api.choose_accelerator(environment, options.accel, request.kernel->image, cancel, error);
  if (!verdict) return {"accelerator", false, error.message, error.hint};
  return {"accelerator", true, verdict->why, ""};
}

Item probe_resources(const MachineEnvironment& environment, const std::vector<std::string>& news) {
  const HostResources host = host_resources();
  std::string detail = std::to_string(host.cores) + " cores, " + std::to_string(host.memory_bytes >> 20U) +
                       " MiB of memory, files of guests in " + environment.scratch.string() + " and " +
                       environment.cache_dir.string();
  for (const std::string& line : news) detail += "; " + line;
  constexpr std::uint64_t kSmallestGuest = 256U << 20U;
  if (host.memory_bytes < kSmallestGuest)
    return {"resources", false, detail, "free memory, or raise the container's memory limit"};
  return {"resources", true, detail, ""};
}

}  // namespace

std::string probe_document(const MachineEnvironment& environment, const std::vector<std::string>& news,
                           const RunnerOptions& options, const RunnerRequest& request, const MachineApi& api,
                           const std::atomic<bool>& cancel) {
  std::vector<Item> items = {probe_qemu(environment, api, cancel), probe_agent(environment),
                             probe_kernel(request)};
  const bool can_run = items[0].ok && items[1].ok && items[2].ok;
  if (can_run) items.push_back(probe_accelerator(environment, options, request, api, cancel));
  items.push_back(probe_resources(environment, news));
  bool ready = true;
  for (const Item& item : items) ready = ready && item.ok;
  JsonWriter json;
  json.begin_object().member("ready", ready).key("items").begin_array();
  for (const Item& item : items) {
    json.begin_object()
        .member("name", item.name)
        .member("ok", item.ok)
        .member("detail", printable_start(item.detail, 600));
    json.member("hint", item.hint).end_object();
  }
  json.end_array().end_object();
  return std::move(json).finish();
}

}  // namespace ktstr::kvm
