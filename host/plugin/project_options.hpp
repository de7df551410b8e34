// SPDX-License-Identifier: Apache-2.0
//
// Options that a project's ktstr.json gives a plugin. What names a place on this machine is known by the
// option's "format" in the schema that the plugin hands out:
//
//   "host-path"     a file or directory: must lie inside the project, reaches the plugin as an absolute path
//   "runs-root"     the same; and it is the request's runs_root
//   "host-program"  the same as host-path, or a bare name that is looked for in PATH
//   "users-choice"  no project may say it: where the user's credentials are sent, and how
//
// Any other "format", an "enum" or a "pattern" says that the text is no path. A text about which the schema
// says nothing of that kind may not look like one, so that an option that somebody forgot to mark is refused
// and not obeyed.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "support/result.hpp"

namespace ktstr {

/// The options as the plugin may get them. `where` begins the errors: "runner kvm: option".
Result<std::string> project_options(std::string_view schema, const std::string& options_json,
                                    const std::filesystem::path& project_dir, const std::string& where);

}  // namespace ktstr
