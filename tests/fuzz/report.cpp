// SPDX-License-Identifier: Apache-2.0
//
// A stored report was a file in the meantime: it is refused, or can be handed to reporters and stored again.
#include <cstdint>
#include <cstdlib>

#include "report/report_document.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = ktstr::parse_report_document({reinterpret_cast<const char*>(data), size}, "input");
  if (!document) return 0;
  for (const std::string& text : document->rows) {
    const auto stored = ktstr::StoredRow::parse(text, "input: rows[0]");
    if (!stored) continue;
    const std::string once = ktstr::report_row_text((*stored)->row());
    const auto again = ktstr::StoredRow::parse(once, "again");
    if (!again || ktstr::report_row_text((*again)->row()) != once) std::abort();
  }
  if (!ktstr::parse_report_document(ktstr::report_document_text(*document), "again")) std::abort();
  return 0;
}
