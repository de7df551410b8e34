// SPDX-License-Identifier: Apache-2.0
#include "explore/behaviour.hpp"

#include <cmath>

namespace ktstr {
namespace {

constexpr double kNext = 1.0 / 256;  ///< what is smaller is next to nothing, whatever it is

std::string step_of(double value) {
  if (std::abs(value) < kNext) return "0";
  return (value < 0 ? "-2^" : "2^") + std::to_string(std::ilogb(value));
}

}  // namespace

std::set<std::string> behaviours_of(const SidecarRecord& run) {
  std::set<std::string> found;
  for (const auto& [name, value] : run.values) found.insert(name + " " + step_of(value));
  return found;
}

Result<std::set<std::string>> behaviours_of(const std::string& sidecar, const MetricRegistry& metrics) {
  if (sidecar.empty()) return std::set<std::string>();
  const auto completed = complete_sidecar(sidecar, HostStamp{});
  if (!completed) return completed.error();
  const auto record = read_sidecar(completed->text, "a scenario's sidecar", metrics);
  if (!record) return record.error();
  return behaviours_of(*record);
}

}  // namespace ktstr
