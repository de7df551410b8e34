// SPDX-License-Identifier: Apache-2.0
#include "html/html_reporter.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "html/html_plot.hpp"
#include "json_reporter.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kTableBytes = 1 << 20, kMessagesBytes = 1 << 20, kMessageBytes = 32 << 10,
                      kBodyBytes = 256 << 10;

const kit::OptionTable<kit::NoOptions> kHtmlOptions("reporter html");

std::string shown(std::string_view text, std::size_t most = 500) {
  return xml_escaped(shown_line(text, most));
}

/// A table whose rows are added while there is room; a caption tells what is left out.
class HtmlTable {
 public:
  HtmlTable(std::string caption, std::vector<std::string> columns)
      : caption_(std::move(caption)), columns_(std::move(columns)) {}

  struct Cell {
    std::string html;
    const char* style = "";
  };
  bool add(const std::vector<Cell>& cells) {
    KTSTR_ASSERT(cells.size() == columns_.size());
    std::string row = "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i)
      row += "<td" + (*cells[i].style == '\0' ? "" : " class=\"" + std::string(cells[i].style) + "\"") +
             " data-label=\"" + columns_[i] + "\">" + cells[i].html + "</td>";
    row += "</tr>\n";
    const bool fits = rows_.size() + row.size() <= kTableBytes;
    if (fits) rows_ += row;
    ++(fits ? count_ : left_out_);
    return fits;
  }
  std::size_t size() const { return count_ + left_out_; }
  std::string html() const {
    if (size() == 0) return {};
    std::string head;
    for (const std::string& column : columns_) head += "<th scope=\"col\">" + column + "</th>";
    const std::string more =
        left_out_ > 0 ? "; " + count_of(left_out_, "more row", "more rows") + " are left out here" : "";
    return "<table><caption>" + caption_ + more + "</caption><thead><tr>" + head + "</tr></thead>\n<tbody>" +
           rows_ + "</tbody></table>\n";
  }

 private:
  std::string caption_, rows_;
  std::vector<std::string> columns_;
  std::size_t count_ = 0, left_out_ = 0;
};

std::string section(const std::string& title, const std::string& inside) {
  return inside.empty() ? inside : "<section><h2>" + title + "</h2>\n" + inside + "</section>\n";
}

std::string folded(const std::string& title, const std::string& inside, bool open) {
  return inside.empty() ? inside
                        : "<details" + std::string(open ? " open=\"open\"" : "") + "><summary>" + title +
                              "</summary>\n" + inside + "</details>\n";
}

std::string list_of(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    if (out.size() > kTableBytes / 4) {
      out += "<li>…</li>\n";
      break;
    }
    out += "<li>" + shown(line, 2000) + "</li>\n";
  }
  return out.empty() ? out : "<ul>" + out + "</ul>\n";
}

std::vector<std::string> test_columns() {
  return {"outcome", "test", "topology", "scheduler", "time", "why"};
}

std::string tests_html(const Collected& all) {
  HtmlTable bad("what did not pass, worst first", test_columns()), good("tests that passed", test_columns());
  std::string messages;
  std::size_t silent = 0;
  for (const std::uint32_t outcome : {KTSTR_TEST_FAILED, KTSTR_TEST_ERROR, KTSTR_TEST_FLAKY,
                                      KTSTR_TEST_INCONCLUSIVE, KTSTR_TEST_SKIPPED, KTSTR_TEST_PASSED}) {
    const bool passed = outcome == KTSTR_TEST_PASSED;
    const char* style = passed                                                        ? "better"
                        : outcome == KTSTR_TEST_FAILED || outcome == KTSTR_TEST_ERROR ? "worse"
                                                                                      : "unsure";
    for (const TestResult& test : all.tests) {
      if (test.outcome != outcome) continue;
      const std::string first = test.message.substr(0, test.message.find('\n'));
      (passed ? good : bad)
          .add({{std::string(test_outcome_name(outcome)), style},
                {shown(test.name)},
                {shown(test.topology)},
                {shown(test.scheduler)},
                {seconds(test.duration_ns), "n"},
                {shown(first) + html_timeline(test)}});
      if (passed || (first.size() == test.message.size() && test.dump.empty())) continue;
      const std::string dump = test.dump.empty() ? "" : "\nfailure dump: " + test.dump;
      const std::string message = "<h3>" + shown(test.name) + "</h3>\n<pre>" +
                                  xml_escaped(shown_block(test.message + dump, kMessageBytes)) + "</pre>\n";
      const bool fits = messages.size() + message.size() <= kMessagesBytes;
      if (fits) messages += message;
      silent += fits ? 0 : 1;
    }
  }
  for (const std::string& name : all.not_run)
    bad.add({{"not started", "worse"}, {shown(name)}, {}, {}, {}, {"the run ended before"}});
  if (silent > 0)
    messages +=
        "<p>The messages of " + count_of(silent, "more test", "more tests") + " are left out here.</p>\n";
  return section("Not passed", bad.html()) + section("Messages", messages) +
         folded(count_of(good.size(), "test", "tests") + " passed", good.html(), good.size() <= 50);
}

const char* style_of(const Change& change) {
  switch (change.standing) {
    case Standing::kFinding: return "worse";
    case Standing::kSuspect:
    case Standing::kUndecided: return "unsure";
    case Standing::kFine: return change.quiet() ? "" : "better";
    case Standing::kInformational: break;
  }
  return "soft";
}

/// On one line, unless its unit is long.
HtmlTable::Cell number_cell(const std::string& text) {
  return {xml_escaped(text), text.size() <= 30 ? "n" : ""};
}

/// Broken at its underscores and slashes, unless what is between them is too long for that.
HtmlTable::Cell name_cell(const std::string& text) {
  constexpr std::size_t kLongestWord = 24;
  HtmlTable::Cell cell{{}, "m"};
  std::size_t word = 0;
  for (const char c : shown(text)) {
    cell.html += c;
    const bool ends = c == '_' || c == '/' || c == ' ';
    if (ends && c != ' ') cell.html += "<wbr/>";
    word = ends ? 0 : word + 1;
    if (word > kLongestWord) cell.style = "";
  }
  return cell;
}

void add_change(HtmlTable& table, const Change& change, bool with_plot) {
  const double chance = std::isfinite(change.q) ? change.q : change.p;
  const char* arrow = !(std::fabs(change.relative) > 0) ? "" : change.after > change.before ? "▲ " : "▼ ";
  table.add({{change.standing == Standing::kSuspect ? "suspect" : change.outcome, style_of(change)},
             {shown(change.scenario())},
             name_cell(change.metric),
             number_cell(quantity(change.before, change.unit)),
             number_cell(quantity(change.after, change.unit)),
             {arrow + relative_change(change.relative), "n"},
             {xml_escaped(probability(chance)), "n"},
             {(with_plot ? html_strip(change) + html_trend(change) : std::string()) + shown(change.text)}});
}

/// What differs between the machines of both sides.
std::string host_html(const Collected& all) {
  HtmlTable table("as their sidecars tell", {"what", "baseline", "HEAD"});
  for (const json::object& one : objects_in(all.end, "host"))
    table.add({{shown(text_of(one, "key")), "k"},
               {shown(text_of(one, "baseline"))},
               {shown(text_of(one, "head"))}});
  return folded("host: " + count_of(table.size(), "difference", "differences") + " between the sides",
                table.html(), false);
}

std::string changes_html(const Collected& all) {
  const std::vector<std::string> columns = {"outcome", "scenario", "metric", "baseline",
                                            "HEAD",    "change",   "chance", "values"};
  HtmlTable worse("○ baseline, ● HEAD, the line its 95 % interval; below, what earlier commits had", columns),
      better("metrics that got better", columns), undecided("metrics that nobody can judge", columns),
      rest("metrics that did not change or do not gate", columns);
  for (const Change& change : all.changes) {
    const bool bad = change.standing == Standing::kFinding || change.standing == Standing::kSuspect;
    const bool quiet = change.quiet() || change.standing == Standing::kInformational;
    add_change(bad                                       ? worse
               : change.standing == Standing::kUndecided ? undecided
               : quiet                                   ? rest
                                                         : better,
               change, !quiet);
  }
  std::vector<std::string> notes = texts_in(all.end, "notes");
  for (const std::string& next : texts_in(all.end, "next")) notes.push_back("next: " + next);
  return section("Missing", list_of(hindrances(all))) + section("Got worse", worse.html()) +
         folded(count_of(better.size(), "metric", "metrics") + " got better", better.html(), true) +
         folded(count_of(undecided.size(), "metric", "metrics") + " could not be judged", undecided.html(),
                true) +
         folded(count_of(rest.size(), "metric", "metrics") + " unchanged or informational", rest.html(),
                false) +
         host_html(all) + section("Notes", list_of(notes));
}

std::string sides_html(const Collected& all) {
  if (!all.is_delta()) return {};
  std::vector<std::string> warnings = texts_in(all.begin, "warnings");
  for (std::string& warning : warnings) warning.insert(0, "warning: ");
  const json::object baseline = object_in(all.begin, "baseline"), head = object_in(all.begin, "head");
  return "<p class=\"soft\">Baseline " + shown(text_of(baseline, "label")) + " (" +
         shown(text_of(baseline, "how")) + "), HEAD " + shown(text_of(head, "label")) + "; judged by " +
         shown(joined(texts_in(all.begin, "gates"), " and ")) + ".</p>\n" + list_of(warnings);
}

std::string page(const std::string& title, const std::string& heading, const std::string& inside) {
  return "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\"><head><meta "
         "charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
         "'unsafe-inline'\"/>\n<title>" +
         title + "</title>\n<style>" + kHtmlStyle + "</style></head>\n<body><main>\n<h1>" + heading +
         "</h1>\n" + inside + "</main></body></html>\n";
}

/// Tables of text as a terminal shows them.
std::string body_page(const Collected& all) {
  const std::string title = shown(all.title());
  return page(title, title,
              all.body.empty() ? "<p class=\"lead\">There is nothing to show.</p>\n"
                               : "<pre>" + xml_escaped(shown_block(all.body, kBodyBytes)) + "</pre>\n");
}

}  // namespace

const std::string kHtmlOptionsSchema = kHtmlOptions.schema();

HtmlReporter::HtmlReporter(sdk::Host, const sdk::Creation& creation) : CollectingReporter(creation) {
  kit::refusing_mistakes([&] { return kHtmlOptions.read(creation.options); });
}

std::string HtmlReporter::text(const Collected& all) const {
  if (all.is_body()) return body_page(all);
  const std::string word(all.verdict_word());
  const char* style = all.verdict() == Verdict::kPass   ? "pass"
                      : all.verdict() == Verdict::kFail ? "fail"
                                                        : "inconclusive";
  return page(all.title() + ": " + word, all.title() + ": <span class=\"" + style + "\">" + word + "</span>",
              "<p class=\"lead\">" + shown(all.sentence(), 2000) + "</p>\n" + sides_html(all) +
                  (all.is_delta() ? changes_html(all) : tests_html(all)));
}

}  // namespace ktstr::reporters
