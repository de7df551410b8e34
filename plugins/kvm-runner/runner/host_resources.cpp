// SPDX-License-Identifier: Apache-2.0
#include "runner/host_resources.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/read_file.hpp>
#include <optional>
#include <string>
#include <thread>

namespace ktstr::kvm {
namespace {

std::optional<std::uint64_t> first_number(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

std::uint32_t quota_cores(std::string_view cpu_max) {
  const std::size_t blank = cpu_max.find(' ');
  if (blank == std::string_view::npos) return 0;
  const auto quota = first_number(cpu_max.substr(0, blank));
  const auto period = first_number(cpu_max.substr(blank));
  if (!quota || !period || *period == 0) return 0;
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(*quota / *period, 1, 1U << 16U));
}

std::uint64_t available_bytes(std::string_view meminfo) {
  static constexpr std::string_view kKey = "MemAvailable:";
  const std::size_t at = meminfo.find(kKey);
  if (at == std::string_view::npos) return 0;
  return first_number(meminfo.substr(at + kKey.size())).value_or(0) * 1024;
}

HostResources host_resources() {
  HostResources host;
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  host.cores = sched_getaffinity(0, sizeof allowed, &allowed) == 0
                   ? static_cast<std::uint32_t>(CPU_COUNT(&allowed))
                   : std::thread::hardware_concurrency();
  if (const std::uint32_t quota = quota_cores(kit::text_of("/sys/fs/cgroup/cpu.max")))
    host.cores = std::min(host.cores, quota);
  host.cores = std::max(1U, host.cores);
  host.memory_bytes = available_bytes(kit::text_of("/proc/meminfo"));
  const auto limit = first_number(kit::text_of("/sys/fs/cgroup/memory.max"));
  const auto used = first_number(kit::text_of("/sys/fs/cgroup/memory.current"));
  if (limit && used) host.memory_bytes = std::min(host.memory_bytes, *limit > *used ? *limit - *used : 0);
  KTSTR_ASSERT(host.cores > 0);
  return host;
}

}  // namespace ktstr::kvm
