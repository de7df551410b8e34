// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "document/collected.hpp"

namespace ktstr::reporters {

extern const std::string kPerfFeedOptionsSchema;

/// HEAD's numbers for services that keep them: values with their units, no verdict but in OpenMetrics. What a
/// partial comparison has is not written: the formats could not tell.
class PerfFeedReporter : public CollectingReporter {
 public:
  enum class Format { kSmaller, kBigger, kBencher, kOpenMetrics };
  struct Options {
    Format format = Format::kSmaller;
  };
  PerfFeedReporter(sdk::Host host, const sdk::Creation& creation);

 protected:
  std::string text(const Collected& all) const override;

 private:
  Options options_;
};

/// The rows as OpenMetrics text, times in seconds. Also what GitLab takes as a metrics report.
std::string open_metrics_text(const Collected& all);

}  // namespace ktstr::reporters
