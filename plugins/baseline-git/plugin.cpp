// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "git_baseline.hpp"

namespace {

class Plugin : public ktstr::git::GitBaseline {
 public:
  Plugin(ktstr::sdk::Host host, std::string_view options)
      : GitBaseline([host](const std::string& line) { host.warning(line); },
                    [host] { return host.cancelled(); }) {
    if (options != "{}" && !options.empty())
      throw ktstr::sdk::Error(KTSTR_INVALID_ARGUMENT, "baseline git: it has no options",
                              "remove \"options\"");
  }
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.baseline-git", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             ktstr::sdk::baseline_impl<Plugin>("git", "commits of a git repository",
                                               R"({"type": "object", "additionalProperties": false})"))
