// SPDX-License-Identifier: Apache-2.0
#include "tap/tap_reporter.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/text.hpp>

#include "document/shown_text.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kTapName = 300, kTapMessage = 16 << 10;

const auto kTapOptions = kit::OptionTable<TapReporter::Options>("reporter tap")
                             .choice("version", &TapReporter::Options::fourteen, "version",
                                     {{"13", false}, {"14", true}}, "13: what Perl's prove reads; 14");
const kit::OptionTable<kit::NoOptions> kKtapOptions("reporter ktap");

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

std::string first_line(const std::string& text) {
  return shown_line(std::string_view(text).substr(0, text.find('\n')), kTapName);
}

}  // namespace

const std::string kTapOptionsSchema = kTapOptions.schema();
const std::string kKtapOptionsSchema = kKtapOptions.schema();

TapReporter::TapReporter(sdk::Host, const sdk::Creation& creation)
    : TapLines(creation, kit::refusing_mistakes([&] { return kTapOptions.read(creation.options); }).fourteen
                             ? Dialect::kTap14
                             : Dialect::kTap13) {}

KtapReporter::KtapReporter(sdk::Host, const sdk::Creation& creation) : TapLines(creation, Dialect::kKtap) {
  kit::refusing_mistakes([&] { return kKtapOptions.read(creation.options); });
}

TapLines::Line TapLines::line_of(const TestResult& test) {
  const std::string text = test.message + (test.dump.empty() ? "" : "\nfailure dump: " + test.dump);
  switch (test.outcome) {
    case KTSTR_TEST_PASSED: return {true, test.name, "", "", ""};
    case KTSTR_TEST_SKIPPED: return {true, test.name, "SKIP", text, ""};
    case KTSTR_TEST_FLAKY: return {true, test.name, "SKIP", "flaky: " + text, ""};
    case KTSTR_TEST_FAILED: return {false, test.name, "", text, "fail"};
    case KTSTR_TEST_INCONCLUSIVE: return {false, test.name, "ERROR", text, "inconclusive"};
    default: return {false, test.name, "ERROR", text, "error"};
  }
}

TapLines::Line TapLines::line_of(const Change& change, bool failed) {
  const std::string name = change.scenario() + " " + change.metric;
  switch (change.standing) {
    case Standing::kFinding:
    case Standing::kSuspect:
      if (failed) return {false, name, "", change.sentence(), "fail"};
      return {true, name, "SKIP", "worse, below what fails the build: " + change.sentence(), ""};
    case Standing::kUndecided: return {true, name, "SKIP", "inconclusive: " + change.sentence(), ""};
    case Standing::kInformational: return {true, name, "SKIP", "informational: " + change.sentence(), ""};
    case Standing::kFine: break;
  }
  return {true, name, "", "", ""};
}

std::string TapLines::header(std::size_t plan) const {
  const std::string count = "1.." + std::to_string(plan) + "\n";
  if (dialect_ == Dialect::kKtap) return "KTAP version 1\n1..1\n  KTAP version 1\n  " + count;
  return std::string("TAP version ") + (dialect_ == Dialect::kTap13 ? "13\n" : "14\n") + count;
}

/// Diagnostics stand before the result; a name has no '#'.
std::string TapLines::ktap(const Line& line, std::size_t number) const {
  const std::string name = replaced(shown_line(line.name, kTapName), "#", "\\x23");
  std::string out;
  if (line.directive != "SKIP") {
    for (const std::string& one : kit::lines(shown_block(line.text, kTapMessage)))
      out += "  # " + name + ": " + one + "\n";
  }
  out += std::string(line.good ? "  ok " : "  not ok ") + std::to_string(number) + " " + name;
  if (!line.directive.empty()) out += " # " + line.directive + " " + first_line(line.text);
  return out + "\n";
}

std::string TapLines::shown(const Line& line, std::size_t number) const {
  if (dialect_ == Dialect::kKtap) return ktap(line, number);
  const std::string name = replaced(replaced(shown_line(line.name, kTapName), "\\", "\\\\"), "#", "\\#");
  std::string out = std::string(line.good ? "ok " : "not ok ") + std::to_string(number) + " - " + name;
  if (line.directive == "SKIP") out += " # SKIP " + first_line(line.text);
  out += "\n";
  if (line.good) return out;
  out += "  ---\n  severity: " + line.severity + "\n  message: |\n";
  for (const std::string& one : kit::lines(shown_block(line.text, kTapMessage))) out += "    " + one + "\n";
  return out + "  ...\n";
}

void TapLines::started(const sdk::Writer& out, const Collected& all) {
  if (!all.is_delta()) out.write(header(all.planned));
}

void TapLines::added(const sdk::Writer& out, const Collected& all) {
  KTSTR_ASSERT(all.is_delta() || !all.tests.empty());  // it is the last of them
  if (!all.is_delta()) out.write(shown(line_of(all.tests.back()), all.tests.size()));
}

std::string TapLines::ending(const Collected& all, std::size_t good, std::size_t skipped,
                             std::size_t bad) const {
  const bool fine = all.verdict() == Verdict::kPass;
  if (dialect_ == Dialect::kKtap) {
    const std::string name = all.project().empty() ? "ktstr" : all.project();
    return "# " + shown_line(all.sentence(), kTapName) + "\n# Totals: pass:" + std::to_string(good) +
           " fail:" + std::to_string(bad) + " xfail:0 xpass:0 skip:" + std::to_string(skipped) +
           " error:0\n" + (fine ? "ok 1 " : "not ok 1 ") +
           replaced(shown_line(name, kTapName), "#", "\\x23") + "\n";
  }
  // Nothing else makes a reader of TAP doubt lines that are all good.
  if (all.is_partial() || (!fine && bad == 0)) return "Bail out! " + first_line(all.sentence()) + "\n";
  return "# " + first_line(all.sentence()) + "\n";
}

std::string TapLines::delta(const Collected& all) const {
  std::vector<Line> lines;
  const bool failed = all.verdict() == Verdict::kFail, fine = all.verdict() == Verdict::kPass;
  lines.push_back({fine, "verdict", "", fine ? "" : all.sentence(), failed ? "fail" : "inconclusive"});
  for (const std::string& line : hindrances(all))
    lines.push_back({false, "missing: " + line, "", line, "error"});
  for (const Change& change : all.changes) lines.push_back(line_of(change, failed));
  std::string out = header(lines.size());
  std::size_t good = 0, skipped = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    out += shown(lines[i], i + 1);
    good += lines[i].good && lines[i].directive.empty() ? 1 : 0;
    skipped += lines[i].directive == "SKIP" ? 1 : 0;
  }
  KTSTR_ASSERT(good + skipped <= lines.size());
  return out + ending(all, good, skipped, lines.size() - good - skipped);
}

std::string TapLines::text(const Collected& all) const {
  if (all.is_delta()) return delta(all);
  std::string out;
  std::size_t number = all.tests.size();
  for (const std::string& name : all.not_run)
    out += shown({false, name, "ERROR", "not started", "error"}, ++number);
  const std::size_t good = all.count(KTSTR_TEST_PASSED),
                    skipped = all.count(KTSTR_TEST_SKIPPED) + all.count(KTSTR_TEST_FLAKY);
  KTSTR_ASSERT(number == all.tests.size() + all.not_run.size() && good + skipped <= number);
  return out + ending(all, good, skipped, number - good - skipped);
}

}  // namespace ktstr::reporters
