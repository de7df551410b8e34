// SPDX-License-Identifier: Apache-2.0
//
// The schema of ktstr.json and the parts of docs/config.md, made from config_keys().
#pragma once
#include <string>

#include "support/json.hpp"

namespace ktstr {

json::object config_schema();
std::string config_key_table();
std::string config_plugin_table();
std::string config_metric_table();
/// A project's file with the example of every key that a project may say, and one of a user's.
std::string config_examples();

}  // namespace ktstr
