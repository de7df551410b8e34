// SPDX-License-Identifier: Apache-2.0
#include "show/run_list.hpp"

#include <ktstr/kit/text.hpp>

#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {

std::string run_list_text(const std::vector<RunSummary>& runs, std::size_t width) {
  std::vector<std::vector<std::string>> table{{"RUN", "TESTS", "DATE", "ARCH"}};
  for (const RunSummary& run : runs)
    table.push_back({printable(run.run), std::to_string(run.tests), or_dash(run.date), or_dash(run.arch)});
  return text_table(table, {1}, width);
}

json::object run_list_json(const std::vector<RunSummary>& runs) {
  json::array rows;
  for (const RunSummary& run : runs)
    rows.push_back(json::object{
        {"run", run.run}, {"tests", run.tests}, {"date", or_null(run.date)}, {"arch", or_null(run.arch)}});
  return document("stats-list", {{"runs", std::move(rows)}});
}

}  // namespace ktstr
