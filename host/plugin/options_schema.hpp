// SPDX-License-Identifier: Apache-2.0
//
// Options of a plugin against the JSON Schema that it hands out, before it is made. Understood: type, enum,
// minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, minItems, properties, required, items and
// additionalProperties; other keywords are the plugin's to check.
#pragma once
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

/// The format of an option that says where a store keeps its runs.
inline constexpr std::string_view kRunsRootFormat = "runs-root";

/// `what` begins the errors: "gate fdr". Without a schema there are no options.
Status check_options(std::string_view schema, const std::string& options_json, const std::string& what);

/// Of these mistakes only names that the schema does not know, at the top: values may be of variables that
/// only who needs the plugin has.
Status check_option_names(std::string_view schema, const std::string& options_json, const std::string& what);

/// The value of the first option whose schema has that "format"; empty when it is not given.
std::string option_of_format(std::string_view schema, const std::string& options_json,
                             std::string_view format);

}  // namespace ktstr
