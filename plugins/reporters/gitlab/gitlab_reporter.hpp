// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kGitlabOptionsSchema;

/// What GitLab's merge requests show as code quality: a finding for each test or metric that is not fine. Its
/// fingerprint stays the same while the finding lasts, whatever its number is.
class GitlabReporter : public CollectingReporter {
 public:
  GitlabReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;
};

}  // namespace ktstr::reporters
