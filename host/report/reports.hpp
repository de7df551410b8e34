// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "report/report_document.hpp"
#include "session/context.hpp"

namespace ktstr {

/// All reporters of one document. Each writes to stdout (at most one does) or to a file that is replaced when
/// its document is complete. A reporter that fails is left out from then on; the others go on.
class Reports {
 public:
  ~Reports();
  static Result<std::unique_ptr<Reports>> open(const AppContext& context, std::uint32_t document);

  void begin(const std::string& extra_json, std::uint32_t flags);
  void row(const ktstr_report_row& row);
  void end(ExitCode exit_code, const std::string& extra_json);

  /// What the reporters were given; rows of comparisons only.
  const ReportDocument& document() const { return recorded_; }

  /// The first failure, if any: exit code 4 when nothing else went wrong.
  const std::optional<Error>& failure() const { return failure_; }

 private:
  struct Output;
  Reports(const AppContext& context, std::uint32_t document);
  void failed(Output& output, const Error& error);

  const AppContext& context_;
  std::uint32_t document_;
  std::uint64_t rows_ = 0;
  ReportDocument recorded_;
  std::vector<std::unique_ptr<Output>> outputs_;
  std::optional<Error> failure_;
};

}  // namespace ktstr
