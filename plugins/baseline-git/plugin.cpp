// SPDX-License-Identifier: Apache-2.0
#include <ktstr/sdk.hpp>

#include "git_baseline.hpp"

namespace {

class Plugin : public ktstr::git::GitBaseline {
 public:
  Plugin(ktstr::sdk::Host host, const ktstr::sdk::Creation&)
      : GitBaseline([host](const std::string& line) { host.warning(line); },
                    [host] { return host.cancelled(); }) {}
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.baseline-git", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             ktstr::sdk::baseline_impl<Plugin>("git", "commits of a git repository",
                                               R"({"type": "object", "additionalProperties": false})"))
