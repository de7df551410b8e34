// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "support/environment.hpp"

namespace ktstr {

/// Who says something, which decides what it may say.
enum class ConfigLayer { kSystem, kUser, kProject };

/// Puts one file's text over `config`. A project may select plugins by name and give them options; it may not
/// say where plugins lie, what is trusted or where the cache is.
Status apply_config_text(std::string_view text, const std::string& file, ConfigLayer layer, Config& config);

/// Puts the profile `name` of that file over `config`, when the file has it.
Status apply_profile_text(std::string_view text, const std::string& file, ConfigLayer layer,
                          const std::string& name, Config& config);

/// Where the user's config.json and what the user trusts lie; empty when there is no home.
std::filesystem::path user_directory(const Environment& environment);

/// Defaults, then system, user and project, the profile that the environment names, and the rest of the
/// environment. `prefix` is where ktstr is installed.
Result<Config> load_config(const Environment& environment, const std::filesystem::path& prefix);

/// `NAME[::out=FILE][::key=value]…`; "\::" is a literal "::". Values that are JSON (numbers, true, …) are
/// taken as such, others as strings.
Result<ReporterChoice> parse_reporter_flag(const std::string& flag);
/// `NAME[::key=value]…`
Result<PluginChoice> parse_plugin_flag(const std::string& flag, const std::string& what);

}  // namespace ktstr
