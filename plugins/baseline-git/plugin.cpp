// SPDX-License-Identifier: Apache-2.0
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/sdk.hpp>

#include "git_baseline.hpp"

namespace {

const ktstr::kit::OptionTable<ktstr::kit::NoOptions> kOptions("baseline git");
const std::string kOptionsSchema = kOptions.schema();

class Plugin : public ktstr::git::GitBaseline {
 public:
  Plugin(ktstr::sdk::Host host, const ktstr::sdk::Creation& creation)
      : GitBaseline([host](const std::string& line) { host.warning(line); },
                    [host] { return host.cancelled(); }) {
    ktstr::kit::refusing_mistakes([&] { return kOptions.read(creation.options); });
  }
};

}  // namespace

KTSTR_PLUGIN("org.ktstr.baseline-git", KTSTR_PLUGIN_VERSION, "ktstr", "Apache-2.0",
             ktstr::sdk::baseline_impl<Plugin>("git", "commits of a git repository", kOptionsSchema))
