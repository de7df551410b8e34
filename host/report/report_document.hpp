// SPDX-License-Identifier: Apache-2.0
//
// The document that reporters were given, as JSON, so that it can be stored and handed to other reporters
// later. What is read may be hostile: it was a file in the meantime.
#pragma once
#include <ktstr/sdk.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/json.hpp"

namespace ktstr {

struct ReportDocument {
  std::string begin_json = "{}", end_json = "{}";
  std::uint32_t flags = 0;  ///< KTSTR_REPORT_* without colour
  int exit_code = 0;
  std::vector<std::string>
      rows;  ///< see `report_row_text`; as text, because a big comparison has tens of thousands
};

/// A row of a comparison with everything that it points to. Numbers that are not finite are "nan", "inf" and
/// "-inf".
std::string report_row_text(const ktstr_report_row& row);

std::string report_document_text(const ReportDocument& document);
Result<ReportDocument> parse_report_document(std::string_view text, const std::string& file);

/// The inverse of `report_row_text`. The row borrows from the object, which must stay where it is.
class StoredRow {
 public:
  /// `where` is for messages: "file: rows[3]".
  static Result<std::unique_ptr<StoredRow>> parse(std::string_view text, const std::string& where);
  const ktstr_report_row& row() const { return row_; }

 private:
  ktstr_report_row row_{};
  ktstr_scenario scenario_{};
  ktstr_samples baseline_{}, head_{};
  ktstr_history history_{};
  ktstr_comparison comparison_{};
  ktstr_verdict verdict_{};
  std::deque<ktstr_verdict> opinion_verdicts_;
  std::deque<ktstr_gate_opinion> opinions_;
  std::vector<const ktstr_gate_opinion*> pointers_;
  std::deque<std::string> texts_;
  std::deque<std::vector<double>> numbers_;
  std::deque<std::vector<std::uint64_t>> counters_;

  friend class RowReader;
};

}  // namespace ktstr
