// SPDX-License-Identifier: Apache-2.0
//
// A plugin as a configuration file chooses it: {"use": "json", "out": "a.json"}, or its name alone.
#pragma once
#include "config/config.hpp"
#include "config/value_shape.hpp"

namespace ktstr {

extern const ObjectShape kPluginShape, kReporterShape;

/// Of values of these shapes.
PluginChoice plugin_choice(const Located& value);
ReporterChoice reporter_choice(const Located& value);

/// As a file would say it.
json::value to_value(const PluginChoice& choice);
json::value to_value(const ReporterChoice& choice);

}  // namespace ktstr
