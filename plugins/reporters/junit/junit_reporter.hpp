// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kJunitOptionsSchema;

/// JUnit XML, as Jenkins, GitLab, Azure, Buildkite and the actions for GitHub read it. A report that must not
/// look green has an error or a failure in it, whatever the reason.
class JunitReporter : public CollectingReporter {
 public:
  struct Options {
    bool strict = false;  ///< only what Jenkins' junit-10.xsd knows
    std::size_t output_limit = 64 << 10;
    std::size_t size_limit = 28 << 20;
  };
  JunitReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;

 private:
  Options options_;
};

}  // namespace ktstr::reporters
