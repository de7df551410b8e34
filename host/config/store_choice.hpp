// SPDX-License-Identifier: Apache-2.0
//
// A store as one word: "s3://bucket/prefix" is the plugin s3 with that URL, a path the plugin fs with that
// runs root, and anything else a plugin's name.
#pragma once
#include <string>
#include <string_view>

#include "config/config.hpp"

namespace ktstr {

/// SCHEME://… as a configuration says it; any other text is a plugin's name.
PluginChoice store_of_url(std::string_view text);

/// The same, and paths, relative to `cwd`. The name of the configured store is that one with its options.
/// `what` begins the errors: "--store".
Result<PluginChoice> parse_store(const std::string& text, const std::string& cwd,
                                 const PluginChoice& configured, const std::string& what);

/// As people type it.
std::string store_text(const PluginChoice& choice);

}  // namespace ktstr
