// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kGithubOptionsSchema;

/// Workflow commands of GitHub Actions: annotations, the verdict first and then what is worst, and a folded
/// group for each test that did not pass. What a guest printed cannot give commands.
class GithubReporter : public CollectingReporter {
 public:
  GithubReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;
};

}  // namespace ktstr::reporters
