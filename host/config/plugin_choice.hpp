// SPDX-License-Identifier: Apache-2.0
//
// A plugin as a configuration file chooses it: {"use": "json", "out": "a.json"}, or its name alone.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "config/value_shape.hpp"

namespace ktstr {

extern const ObjectShape kPluginShape, kReporterShape;

/// Of values of these shapes.
PluginChoice plugin_choice(const Located& value);
ReporterChoice reporter_choice(const Located& value);

/// Whether a plugin that a flag names runs isolated: when the configuration says so of it.
template <typename Choice>
bool is_isolated(const std::vector<Choice>& configured, const std::string& use) {
  return std::any_of(configured.begin(), configured.end(),
                     [&](const Choice& one) { return one.use == use && one.isolate; });
}

/// As a file would say it.
json::value to_value(const PluginChoice& choice);
json::value to_value(const ReporterChoice& choice);

}  // namespace ktstr
