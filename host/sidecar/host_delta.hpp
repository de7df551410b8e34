// SPDX-License-Identifier: Apache-2.0
//
// A host context: what identifies a machine, what merely was so when it was read, and what differs between
// two. Pure.
#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

struct HostKey {
  std::string_view name;
  bool identity;  ///< false: a reading that differs from minute to minute, so it says nothing about the
                  ///< machine
  bool map;       ///< an object of further keys
};

/// Every key of a sidecar's `host`, in the order in which people see them.
std::span<const HostKey> host_keys();

/// The order of keys: "cpu10" after "cpu9".
bool numeric_less(const std::string& a, const std::string& b);

/// What identifies a machine, maps taken apart: "sched_tunables.sched_rr_timeslice_ms" -> "100".
using HostIdentity = std::map<std::string, std::string>;
HostIdentity host_identity(const json::object& host);

/// One identity for several: values that disagree are joined.
HostIdentity merged_identity(const std::vector<const HostIdentity*>& hosts);

struct HostDifference {
  std::string key, before,
      after;  ///< "(absent)" when a side lacks it, "(3 entries)" for a whole map that the other side lacks
};

/// In the order of host_keys(), then by name. Empty for two identities of one machine.
std::vector<HostDifference> host_delta(const HostIdentity& before, const HostIdentity& after);

}  // namespace ktstr
