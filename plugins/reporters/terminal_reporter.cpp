// SPDX-License-Identifier: Apache-2.0
#include "terminal_reporter.hpp"

#include <algorithm>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/width.hpp>

#include "display.hpp"

namespace ktstr::reporters {
namespace {

/// GitHub's runner obeys lines that begin with "::", whatever the margin, and "##[" anywhere.
std::string no_command(std::string line) {
  const std::size_t start = line.find_first_not_of(" \t");
  if (start != std::string::npos && line.compare(start, 2, "::") == 0) line.replace(start, 2, "\\x3a\\x3a");
  for (std::size_t at = line.find("##["); at != std::string::npos; at = line.find("##[", at))
    line.replace(at, 2, "\\x23\\x23");
  return line;
}

/// Those with anything on them, safe to show.
std::vector<std::string> shown_lines(std::string_view text) {
  std::vector<std::string> shown;
  for (const std::string& line : kit::lines(text)) {
    if (!line.empty()) shown.push_back(no_command(printable(line)));
  }
  return shown;
}

/// "4 tests run: 3 passed, 1 failed".
std::string outcomes_of(const json::object& counts, const Paint& paint) {
  const std::uint64_t passed = count_in(counts, "passed"), failed = count_in(counts, "failed"),
                      errors = count_in(counts, "errors"), flaky = count_in(counts, "flaky"),
                      skipped = count_in(counts, "skipped"), inconclusive = count_in(counts, "inconclusive"),
                      not_run = count_in(counts, "not_run");
  std::vector<std::string> parts = {paint.green(std::to_string(passed) + " passed")};
  if (failed > 0) parts.push_back(paint.bold_red(std::to_string(failed) + " failed"));
  if (flaky > 0) parts.push_back(paint.yellow(std::to_string(flaky) + " flaky"));
  if (errors > 0) parts.push_back(paint.bold_red(std::to_string(errors) + " could not run"));
  if (inconclusive > 0) parts.push_back(paint.yellow(std::to_string(inconclusive) + " inconclusive"));
  if (skipped > 0) parts.push_back(paint.yellow(std::to_string(skipped) + " skipped"));
  if (const std::uint64_t left_out = count_in(counts, "left_out"); left_out > 0)
    parts.push_back(paint.yellow(std::to_string(left_out) + " left out"));
  if (not_run > 0) parts.push_back(paint.yellow(std::to_string(not_run) + " not started"));
  return count_of(passed + failed + flaky + errors + skipped + inconclusive, "test", "tests") +
         " run: " + joined(parts, ", ");
}

const kit::OptionTable<kit::NoOptions> kTerminalOptions("reporter terminal");

}  // namespace

const std::string kTerminalOptionsSchema = kTerminalOptions.schema();

TerminalReporter::TerminalReporter(sdk::Host, const sdk::Creation& creation) {
  kit::refusing_mistakes([&] { return kTerminalOptions.read(creation.options); });
}

void TerminalReporter::begin(const sdk::Writer& out, const ktstr_report_begin& begin) {
  paint_ = Paint((begin.flags & KTSTR_REPORT_COLOUR) != 0);
  document_ = begin.document;
  width_ = begin.width;
  begin_ = kit::object_or_empty(sdk::view(begin.extra_json));
  if (document_ == KTSTR_DOCUMENT_TEST_RUN) {
    const std::uint64_t others = count_in(begin_, "not_selected");
    const std::vector<std::string> kernels = texts_in(begin_, "kernels");
    const std::string kernel = text_of(begin_, "kernel");
    out.write("Running " + count_of(count_in(begin_, "tests"), "test", "tests") + " of " +
              text_of(begin_, "project") +
              (!kernels.empty() ? " on the kernels " + joined(kernels, ", ")
               : kernel.empty() ? ""
                                : " on kernel " + kernel) +
              (others > 0 ? " (" + count_of(others, "test", "tests") + " not selected)" : "") + "\n");
    return;
  }
  if (document_ != KTSTR_DOCUMENT_PERF_DELTA) return;  // what it says comes with the end
  delta_.emplace(paint_, width_, (begin.flags & KTSTR_REPORT_ALL) != 0, begin_);
}

void TerminalReporter::row(const sdk::Writer& out, const ktstr_report_row& row) {
  if (row.test != nullptr) test_row(out, row);
  if (row.comparison != nullptr && delta_) delta_->add(row);
}

void TerminalReporter::test_row(const sdk::Writer& out, const ktstr_report_row& row) {
  std::string word, name = printable(sdk::view(row.test->name));
  switch (row.outcome) {
    case KTSTR_TEST_PASSED: word = paint_.green(pad_left("PASS", 12)); break;
    case KTSTR_TEST_FAILED: word = paint_.bold_red(pad_left("FAIL", 12)); break;
    case KTSTR_TEST_FLAKY: word = paint_.yellow(pad_left("FLAKY", 12)); break;
    case KTSTR_TEST_SKIPPED: word = paint_.yellow(pad_left("SKIP", 12)); break;
    case KTSTR_TEST_INCONCLUSIVE: word = paint_.yellow(pad_left("INCONCLUSIVE", 12)); break;
    default: word = paint_.bold_red(pad_left("ERROR", 12)); break;
  }
  const std::vector<std::string> lines = shown_lines(sdk::view(row.message));
  const std::string status = word + " [" + pad_left(seconds(row.duration_ns), 9) + "] " + paint_.bold(name) +
                             paint_.dim(" " + printable(sdk::view(row.test->topology)) + " " +
                                        printable(sdk::view(row.test->scheduler)));
  std::string reason;
  if (row.outcome != KTSTR_TEST_PASSED && !lines.empty()) reason = ": " + lines.front();
  out.write(status + reason + "\n");
  if (row.outcome == KTSTR_TEST_PASSED) return;
  std::string again = status + "\n";
  for (const std::string& line : lines) again += "    " + wrapped(line, 4, width_) + "\n";
  if (row.location.len > 0) again += "    dump: " + printable(sdk::view(row.location)) + "\n";
  failures_.push_back(std::move(again));
}

std::string TerminalReporter::test_summary(const json::object& last) const {
  std::string out;
  if (!failures_.empty()) {
    out += "\n";
    for (const std::string& failure : failures_) out += failure;
  }
  const std::uint64_t passed = count_in(last, "passed");
  const bool partial = flag_in(last, "interrupted");
  const bool bad = count_in(last, "failed") + count_in(last, "errors") > 0;
  const std::string word = pad_left("Summary", 12);
  out += (bad ? paint_.bold_red(word)
          : partial || passed == 0 || count_in(last, "flaky") + count_in(last, "left_out") > 0
              ? paint_.yellow(word)
              : paint_.green(word)) +
         " [" + pad_left(seconds(count_in(last, "duration_ns")), 9) + "] " + outcomes_of(last, paint_) + "\n";
  if (partial) out += paint_.yellow("interrupted: this result is partial") + "\n";
  for (const json::object& run : objects_in(last, "runs")) {
    out += pad_left(text_of(run, "kernel"), 12) + "   " + outcomes_of(run, paint_) +
           (count_in(run, "sidecars") > 0 ? paint_.dim(" in " + text_of(run, "location")) : std::string()) +
           "\n";
  }
  if (count_in(last, "sidecars") > 0 && !last.contains("runs"))
    out += paint_.dim(count_of(count_in(last, "sidecars"), "sidecar", "sidecars") + " in " +
                      text_of(last, "location")) +
           "\n";
  return out;
}

void TerminalReporter::end(const sdk::Writer& out, const ktstr_report_end& end) {
  if (document_ != KTSTR_DOCUMENT_TEST_RUN && !delta_) return out.write(sdk::view(end.body_text));
  const json::object last = kit::object_or_empty(sdk::view(end.extra_json));
  if (last.contains("error")) return;  // the host tells it, on stderr
  out.write(delta_ ? delta_->document(last) : test_summary(last));
}

}  // namespace ktstr::reporters
