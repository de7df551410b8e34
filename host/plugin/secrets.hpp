// SPDX-License-Identifier: Apache-2.0
//
// Options that are secrets: the plugin's schema says `"format": "secret"`, the configuration names a
// variable,
// {"env": "NAME"}, and nothing that ktstr prints or stores shows the value.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

inline constexpr std::string_view kSecretFormat = "secret";
/// What the variables begin with that a project's own file may name: it could name any, and a server of its
/// choice beside it.
inline constexpr std::string_view kProjectSecrets = "KTSTR_SECRET_";

/// The value of a variable of the environment; none when it is not set.
using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The options with the values of the variables that they name. A secret that stands there as text is
/// refused: a configuration is printed, and a command line is everybody's to read. `what` begins the errors:
/// "store s3".
Result<std::string> with_secrets(std::string_view schema, const std::string& options_json,
                                 const std::string& what, const VariableLookup& variable);

/// Nothing that `without_secrets` gives back shows this text from now on, unless it is too short to be a
/// secret. Any thread.
void remember_secret(const std::string& value);

/// The same text with each secret that was handed out so far replaced. For what plugins say. Any thread.
std::string without_secrets(std::string text);

}  // namespace ktstr
