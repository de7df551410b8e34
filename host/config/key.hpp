// SPDX-License-Identifier: Apache-2.0
//
// One key of a configuration file as data. Its reader, `ktstr config show`, the schema and docs/config.md are
// made from the rows of keys.cpp.
#pragma once
#include <span>

#include "config/load.hpp"
#include "config/value_shape.hpp"

namespace ktstr {

enum class Sayer { kAnybody, kProjectOnly, kNoProject };

/// A file of one layer that is being laid over `config`.
struct LayeredFile {
  ConfigLayer layer;
  Config& config;
  bool from_project() const { return layer == ConfigLayer::kProject; }
};

struct ConfigKey {
  Sayer sayer;
  ConfigMember member;
  /// Called with a value of the member's shape; null: means nothing here.
  void (*apply)(const LayeredFile& file, const Located& value);
  /// As a file would say it; null like `apply`.
  json::value (*value)(const Config& config);

  std::string_view name() const { return member.name; }
};

/// As people call it: "user".
std::string layer_name(ConfigLayer layer);

/// In the order in which people read them.
std::span<const ConfigKey> config_keys();

}  // namespace ktstr
