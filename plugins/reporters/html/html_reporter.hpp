// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kHtmlOptionsSchema;

/// One page without scripts and without anything to load: verdict, tables, and the values of both sides as
/// plots. Well-formed XML too.
class HtmlReporter : public CollectingReporter {
 public:
  HtmlReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;
};

extern const char* const kHtmlStyle;

}  // namespace ktstr::reporters
