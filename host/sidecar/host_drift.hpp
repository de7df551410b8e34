// SPDX-License-Identifier: Apache-2.0
//
// Whether the machine itself was another one while one side ran: busier, slower, hotter. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

/// Readings around one run.
struct HostReadings {
  std::optional<double>
      load;  ///< tasks, mean of the minute before the run, which its own guest has no part in
  std::optional<double> mhz;          ///< mean clock of the CPUs after the run, when they were awake
  std::optional<double> temperature;  ///< degrees Celsius after the run, of the hottest zone
  std::optional<double> cpus;
};

/// Of the members "host_before" and "host" of a sidecar, either of which may be missing.
HostReadings host_readings_of(const json::object& sidecar);

/// One line for each reading whose medians over the sides lie further apart than chance explains: a load by
/// half of the CPUs and 1.5 tasks, a clock by 10 %, a temperature by 10 degrees. Runs that alternate share
/// what drifts, so for them there is rarely a line.
std::vector<std::string> host_drift(const std::vector<const HostReadings*>& baseline,
                                    const std::vector<const HostReadings*>& head);

}  // namespace ktstr
