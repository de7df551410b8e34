// SPDX-License-Identifier: Apache-2.0
#include "show/matrix.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <map>

#include "compare/headline.hpp"
#include "show/cells.hpp"
#include "show/document.hpp"
#include "support/table.hpp"

namespace ktstr {
namespace {

constexpr std::size_t kMostReasons = 5;  // of verdicts that could not be given; --json has all
constexpr std::string_view kLegend =
    "* best, ! worst of its row; below a value, the step from the side before: worse, better and unsure as "
    "the gates say, same where they find none\n";

/// Of a cell without a value, the reason why in one word.
std::string ending_word(const MatrixEnding& ending) {
  return ending.passed() ? "no value" : printable(ending.outcome);
}

std::string value_text(const MatrixCell& cell, const MatrixRow& row, const MatrixEnding& ending) {
  if (std::isnan(cell.value)) return ending_word(ending);
  return (cell.best ? "*" : cell.worst ? "!" : "") + amount_text(cell.value, printable(row.unit));
}

const char* step_word(const MatrixStep& step) {
  switch (step.outcome) {
    case KTSTR_REGRESSED: return "worse";
    case KTSTR_IMPROVED: return "better";
    case KTSTR_INCONCLUSIVE: return "unsure";
    default: return "same";
  }
}

std::string step_text(const MatrixTable& table, std::size_t side, const MatrixCell& cell) {
  if (!cell.step) return {};
  const MatrixStep& step = *cell.step;
  KTSTR_ASSERT(step.from < side && side < table.sides().size());
  const std::string change = change_text(step.relative);
  std::string text = change.empty() ? step_word(step) : change + " " + step_word(step);
  if (step.outcome == KTSTR_REGRESSED && !step.gates) text += " (not counted)";
  const auto before = table.before(side);
  if (!before.empty() && before.front() != step.from)
    text += " since " + printable(table.sides()[step.from].label());
  return text;
}

bool is_told(const MatrixCell& cell) {
  return cell.step && (cell.step->outcome == KTSTR_REGRESSED || cell.step->outcome == KTSTR_IMPROVED ||
                       cell.step->outcome == KTSTR_INCONCLUSIVE);
}

using Rows = std::vector<std::vector<std::string>>;

Rows head_of(const MatrixTable& table) {
  Rows rows{{"METRIC"}};
  for (const MatrixSide& side : table.sides()) rows.front().push_back(printable(side.label()));
  return rows;
}

/// A test of which nothing was measured has a row that says so.
std::vector<std::string> endings_row(const MatrixTest& test) {
  std::vector<std::string> cells{"-"};
  for (const MatrixEnding& ending : test.endings) cells.push_back(ending_word(ending));
  return cells;
}

std::string title_of(const MatrixTest& test) {
  std::string title = printable(test.test) + " " + printable(test.topology);
  for (const std::string* more : {&test.scheduler, &test.work_type}) {
    if (!more->empty()) title += " " + printable(*more);
  }
  return title;
}

std::vector<std::string> reasons_of(const MatrixTable& table, const MatrixTest& test) {
  KTSTR_ASSERT(test.endings.size() == table.sides().size());
  std::vector<std::string> lines;
  for (std::size_t side = 0; side < table.sides().size(); ++side) {
    const MatrixEnding& ending = test.endings[side];
    if (ending.passed()) continue;
    lines.push_back(printable(table.sides()[side].label()) + " " + printable(ending.outcome) +
                    (ending.reason.empty() ? "" : ": " + printable(ending.reason)));
  }
  return lines;
}

/// Why gates could not tell, the most frequent reason first.
std::vector<std::string> unsure_lines(const MatrixTable& table) {
  std::map<std::string, std::size_t> by_text;
  for (const MatrixTest& test : table.tests()) {
    for (const MatrixRow& row : test.rows) {
      for (const MatrixCell& cell : row.cells) {
        if (cell.step && cell.step->outcome == KTSTR_INCONCLUSIVE && !cell.step->text.empty())
          ++by_text[printable(cell.step->text)];
      }
    }
  }
  std::vector<std::pair<std::string, std::size_t>> texts(by_text.begin(), by_text.end());
  std::stable_sort(texts.begin(), texts.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < texts.size() && i < kMostReasons; ++i)
    lines.push_back("unsure, " + counted(texts[i].second, "step", "steps") + ": " + texts[i].first);
  if (texts.size() > kMostReasons)
    lines.push_back("… and " + counted(texts.size() - kMostReasons, "other reason", "other reasons") +
                    " (--json)");
  return lines;
}

std::string test_text(const MatrixTable& table, const MatrixTest& test, std::size_t width) {
  Rows rows = head_of(table);
  std::vector<std::size_t> right;
  for (std::size_t side = 0; side < table.sides().size(); ++side) right.push_back(side + 1);
  for (const MatrixRow& row : test.rows) {
    KTSTR_ASSERT(row.cells.size() == table.sides().size());
    std::vector<std::string> values{printable(row.metric)}, steps{""};
    for (std::size_t side = 0; side < row.cells.size(); ++side) {
      values.push_back(value_text(row.cells[side], row, test.endings[side]));
      steps.push_back(step_text(table, side, row.cells[side]));
    }
    rows.push_back(std::move(values));
    if (std::any_of(row.cells.begin(), row.cells.end(), is_told)) rows.push_back(std::move(steps));
  }
  if (test.rows.empty()) rows.push_back(endings_row(test));
  std::string out = hanging(title_of(test), width, 2) + text_table(rows, right, width);
  for (const std::string& reason : reasons_of(table, test)) out += hanging(reason, width, 2);
  return out + "\n";
}

/// A cell of a Markdown table: nothing in it is markup.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\\|<>&*_`[]#!~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string markdown_row(const std::vector<std::string>& cells) { return "| " + join(cells, " | ") + " |\n"; }

std::string test_markdown(const MatrixTable& table, const MatrixTest& test) {
  std::string out = "### " + plain(title_of(test)) + "\n\n";
  std::vector<std::string> head = head_of(table).front();
  for (std::string& cell : head) cell = plain(cell);
  out += markdown_row(head) + "|---|";
  for (std::size_t side = 0; side < table.sides().size(); ++side) out += "---:|";
  out += "\n";
  for (const MatrixRow& row : test.rows) {
    KTSTR_ASSERT(row.cells.size() == test.endings.size());
    std::vector<std::string> cells{plain(printable(row.metric))};
    for (std::size_t side = 0; side < row.cells.size(); ++side) {
      const MatrixCell& cell = row.cells[side];
      cells.push_back(plain(value_text(cell, row, test.endings[side])) +
                      (is_told(cell) ? "<br>" + plain(step_text(table, side, cell)) : ""));
    }
    out += markdown_row(cells);
  }
  if (test.rows.empty()) out += markdown_row(endings_row(test));
  out += "\n";
  const std::vector<std::string> reasons = reasons_of(table, test);
  for (const std::string& reason : reasons) out += "- " + plain(reason) + "\n";
  return reasons.empty() ? out : out + "\n";
}

json::value step_json(const std::optional<MatrixStep>& step) {
  if (!step) return nullptr;
  return json::object{{"from", step->from},       {"outcome", verdict_name(step->outcome)},
                      {"counts", step->gates},    {"relative", step->relative},
                      {"p_value", step->p_value}, {"q_value", step->q_value},
                      {"text", step->text}};
}

json::object row_json(const MatrixRow& row) {
  json::array cells;
  for (const MatrixCell& cell : row.cells) {
    cells.push_back(json::object{{"value", cell.value},
                                 {"runs", cell.runs},
                                 {"best", cell.best},
                                 {"worst", cell.worst},
                                 {"step", step_json(cell.step)}});
  }
  const char* better = row.polarity == KTSTR_INFORMATIONAL      ? "neither"
                       : row.polarity == KTSTR_HIGHER_IS_BETTER ? "higher"
                                                                : "lower";
  return {
      {"metric", row.metric}, {"unit", or_null(row.unit)}, {"better", better}, {"cells", std::move(cells)}};
}

json::object test_json(const MatrixTest& test) {
  json::array endings, rows;
  for (const MatrixEnding& ending : test.endings)
    endings.push_back(json::object{{"outcome", ending.outcome}, {"reason", or_null(ending.reason)}});
  for (const MatrixRow& row : test.rows) rows.push_back(row_json(row));
  return {
      {"test", test.test},           {"topology", test.topology},     {"scheduler", or_null(test.scheduler)},
      {"work_type", test.work_type}, {"endings", std::move(endings)}, {"metrics", std::move(rows)}};
}

}  // namespace

std::string matrix_text(const MatrixOutcome& outcome, std::size_t width) {
  std::string out = hanging(outcome.sentence, width, 2) + "\n";
  for (const MatrixTest& test : outcome.table.tests()) out += test_text(outcome.table, test, width);
  out += hanging(kLegend.substr(0, kLegend.size() - 1), width, 2);
  for (const std::string& line : unsure_lines(outcome.table)) out += hanging(line, width, 2);
  for (const std::string& warning : outcome.warnings) out += hanging("warning: " + warning, width, 2);
  return out;
}

std::string matrix_markdown(const MatrixOutcome& outcome) {
  std::string out = plain(outcome.sentence) + "\n\n";
  for (const MatrixTest& test : outcome.table.tests()) out += test_markdown(outcome.table, test);
  out += plain(std::string(kLegend));
  for (const std::string& line : unsure_lines(outcome.table)) out += "- " + plain(line) + "\n";
  for (const std::string& warning : outcome.warnings) out += "- warning: " + plain(warning) + "\n";
  return out;
}

json::object matrix_json(const MatrixOutcome& outcome, const MatrixRequest& request) {
  json::array sides, tests;
  for (const MatrixSide& side : outcome.table.sides()) {
    sides.push_back(json::object{{"kernel", side.kernel},
                                 {"scheduler", or_null(side.scheduler)},
                                 {"cached", side.cached},
                                 {"problem", or_null(side.problem)}});
  }
  for (const MatrixTest& test : outcome.table.tests()) tests.push_back(test_json(test));
  const MatrixCounts counts = outcome.table.counts();
  return document("matrix", {{"project_commit", outcome.commit},
                             {"runs", request.repeats},
                             {"seed", request.plan.seed},
                             {"time_source", request.deterministic ? "virtual" : "host"},
                             {"gates", json::array(outcome.gates.begin(), outcome.gates.end())},
                             {"exit_code", static_cast<int>(outcome.code)},
                             {"sentence", outcome.sentence},
                             {"steps",
                              {{"judged", counts.steps},
                               {"regressed", counts.regressed},
                               {"improved", counts.improved},
                               {"inconclusive", counts.inconclusive}}},
                             {"sides", std::move(sides)},
                             {"tests", std::move(tests)},
                             {"warnings", json::array(outcome.warnings.begin(), outcome.warnings.end())}});
}

}  // namespace ktstr
