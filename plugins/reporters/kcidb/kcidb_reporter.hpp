// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kKcidbOptionsSchema;

/// A report in the schema 5.3 of KernelCI's common database: a file, which whoever wants submits.
class KcidbReporter : public CollectingReporter {
 public:
  KcidbReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;
};

}  // namespace ktstr::reporters
