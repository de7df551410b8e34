// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json.hpp>
#include <ktstr/sdk.hpp>

namespace ktstr::reporters {

extern const std::string kJsonOptionsSchema;

/// One JSON document, written when it is complete; see README.md for its keys.
class JsonReporter : public sdk::Reporter {
 public:
  struct Options {
    bool compact = false;
  };
  JsonReporter(sdk::Host host, const sdk::Creation& creation);
  void begin(const sdk::Writer& out, const ktstr_report_begin& begin) override;
  void row(const sdk::Writer& out, const ktstr_report_row& row) override;
  void end(const sdk::Writer& out, const ktstr_report_end& end) override;

 private:
  Options options_;
  std::uint32_t document_ = 0;
  json::object begin_;
  json::array rows_;
};

/// "regressed", "improved", "unchanged", "equivalent", "inconclusive", or "informational" for a changed
/// informational metric.
std::string_view outcome_name(std::uint32_t outcome, std::uint32_t polarity);
/// "passed", "failed", "flaky", "skipped", "inconclusive" or "error".
std::string_view test_outcome_name(std::uint32_t outcome);

}  // namespace ktstr::reporters
