// SPDX-License-Identifier: Apache-2.0
//
// The sidecar's schema, for programs as JSON Schema and for people as the table of docs/sidecar.md. Made from
// the rows of sidecar/field_table.cpp and of metrics/metric_table.cpp. Pure.
#pragma once
#include <string>

#include "support/json.hpp"

namespace ktstr {

json::object sidecar_schema();
/// Markdown: field, type, null, unit, meaning.
std::string sidecar_field_table();

}  // namespace ktstr
