// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json_reader.hpp>
#include <string>

#include "manifest/test_spec.hpp"

namespace ktstr::kvm {

/// A member of a payload's "metrics".
ProgramMetric parse_payload_metric(const std::string& name, const Located& located);
/// The same of a scheduler, which can be asked for more.
ProgramMetric parse_scheduler_metric(const std::string& name, const Located& located);

}  // namespace ktstr::kvm
