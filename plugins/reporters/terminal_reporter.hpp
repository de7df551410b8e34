// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ktstr/kit/json.hpp>
#include <ktstr/sdk.hpp>
#include <optional>

#include "terminal_delta.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {

extern const std::string kTerminalOptionsSchema;

/// For people: one line per test as it ends, or a table of what changed.
class TerminalReporter : public sdk::Reporter {
 public:
  TerminalReporter(sdk::Host host, const sdk::Creation& creation);
  void begin(const sdk::Writer& out, const ktstr_report_begin& begin) override;
  void row(const sdk::Writer& out, const ktstr_report_row& row) override;
  void end(const sdk::Writer& out, const ktstr_report_end& end) override;

 private:
  void test_row(const sdk::Writer& out, const ktstr_report_row& row);
  std::string test_summary(const json::object& last) const;

  Paint paint_;
  std::uint32_t document_ = 0;
  std::size_t width_ = 0;
  json::object begin_;
  std::vector<std::string> failures_;  ///< told again at the end
  std::optional<TerminalDelta> delta_;
};

}  // namespace ktstr::reporters
