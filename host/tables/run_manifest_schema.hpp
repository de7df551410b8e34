// SPDX-License-Identifier: Apache-2.0
//
// The schema of run manifests, made from run_manifest_fields() and planned_test_fields().
#pragma once
#include "support/json.hpp"

namespace ktstr {

json::object run_manifest_schema();

}  // namespace ktstr
