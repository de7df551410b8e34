// SPDX-License-Identifier: Apache-2.0
//
// The machine that a run was measured on, and what differs between two, as people and programs read it. Pure.
#pragma once
#include <string>

#include "sidecar/host_delta.hpp"

namespace ktstr {

/// "host: identical between 'A' and 'B' (arch: X)", or one line per difference; empty when neither side has a
/// host.
std::string host_delta_text(const std::string& before_name, const HostIdentity& before,
                            const std::string& after_name, const HostIdentity& after);
json::object host_delta_json(const std::string& before_name, const HostIdentity& before,
                             const std::string& after_name, const HostIdentity& after);

/// Every key on a line of its own, "(unknown)" for what is missing, maps as indented blocks.
std::string host_text(const json::object& host);
/// The readings from before the run; empty when there are none.
std::string readings_text(const json::value* before);

}  // namespace ktstr
