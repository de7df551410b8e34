// SPDX-License-Identifier: Apache-2.0
//
// The schema of test manifests: what schema/base.json says, and definitions made from the tables of protocol/
// and manifest/. Pure.
#pragma once
#include <boost/json/object.hpp>

namespace ktstr::kvm {

/// `base` with the definitions that tables describe: "cgroup", "workers", "work", "operation", "action",
/// "assert".
boost::json::object manifest_schema(boost::json::object base);

}  // namespace ktstr::kvm
