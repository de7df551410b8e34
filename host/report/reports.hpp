// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/report_document.hpp"
#include "session/context.hpp"

namespace ktstr {

/// A test as the ABI has it; borrows its texts.
ktstr_test_entry entry_of(const TestEntry& test);

/// A document without rows.
struct ReportBody {
  std::string json, text;
};

/// All reporters of one document. Each writes to stdout (at most one does) or to a file that is replaced when
/// its document is complete. A reporter that fails is left out from then on; the others go on.
class Reports {
 public:
  /// Who was begun is ended.
  ~Reports();
  /// `all_speak`: a reporter that does not speak the document is an error; else it is left out.
  static Result<std::unique_ptr<Reports>> open(const AppContext& context, std::uint32_t document,
                                               bool all_speak = true);

  /// `planned`: the tests that are going to run.
  void begin(const std::string& extra_json, std::uint32_t flags, const std::vector<TestEntry>& planned = {});
  void row(const ktstr_report_row& row);
  void rows(std::span<const ktstr_report_row* const> rows);
  void end(ExitCode exit_code, const std::string& extra_json, std::uint32_t status = KTSTR_REPORT_COMPLETE,
           const ReportBody& body = {});
  /// What was to be reported cannot be: a document that holds the error and no rows, so that nobody takes a
  /// file of yesterday for today's.
  void fail(const Error& error);
  /// A reporter writes to stdout.
  bool on_stdout() const;

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
  bool begun_ = false;
  ReportDocument recorded_;
  std::vector<std::unique_ptr<Output>> outputs_;
  std::optional<Error> failure_;
};

/// Reporters of a document without rows: configured ones that do not speak it are left out, one that a flag
/// chose is refused, before anything is measured.
Result<std::unique_ptr<Reports>> open_for_body(const AppContext& context, std::uint32_t document);
/// Shows a document without rows. When nobody chose reporters by a flag and none of them writes to stdout,
/// `text` goes there.
ExitCode show_body(const AppContext& context, Reports& reports, const ReportBody& body, ExitCode code);
/// For what is at hand at once.
Result<ExitCode> show_body(const AppContext& context, std::uint32_t document, const ReportBody& body);

}  // namespace ktstr
