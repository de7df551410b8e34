// SPDX-License-Identifier: Apache-2.0
#include "markdown/markdown_reporter.hpp"

#include <algorithm>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "json_reporter.hpp"
#include "markdown/markdown_text.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kSummaryLimit = 1000 << 10, kCommentLimit = 60 << 10;  // of 1 MiB and of 64 KiB

const auto kMarkdownOptions =
    kit::OptionTable<MarkdownReporter::Options>("reporter markdown")
        .choice("for", &MarkdownReporter::Options::comment, "place", {{"summary", false}, {"comment", true}},
                "summary: up to 1 MiB, as GitHub takes for a step; comment: up to 64 KiB");

/// Who did not pass, worst first.
std::vector<const TestResult*> worst_first(const Collected& all) {
  std::vector<const TestResult*> out;
  for (const std::uint32_t outcome :
       {KTSTR_TEST_FAILED, KTSTR_TEST_ERROR, KTSTR_TEST_FLAKY, KTSTR_TEST_INCONCLUSIVE, KTSTR_TEST_SKIPPED}) {
    for (const TestResult& test : all.tests) {
      if (test.outcome == outcome) out.push_back(&test);
    }
  }
  return out;
}

std::string tests_text(const Collected& all, std::size_t limit) {
  const std::vector<const TestResult*> bad = worst_first(all);
  MarkdownTable table({"outcome", "test", "topology", "scheduler", "time", "why"}, limit / 3),
      passed({"test", "topology", "scheduler", "time"}, limit / 6);
  std::string messages;
  std::size_t silent = 0;
  for (const TestResult* test : bad) {
    const std::string first = test->message.substr(0, test->message.find('\n'));
    table.add({std::string(test_outcome_name(test->outcome)), markdown_text(test->name),
               markdown_text(test->topology), markdown_text(test->scheduler), seconds(test->duration_ns),
               markdown_text(first)});
    if (first.size() == test->message.size() && test->dump.empty()) continue;
    std::string message =
        "\n" + markdown_text(test->name) + "\n\n" + markdown_block(test->message, limit / 12);
    if (!test->dump.empty()) message += "\nfailure dump: " + markdown_text(test->dump) + "\n";
    if (messages.size() + message.size() > limit / 3) {
      ++silent;
    } else {
      messages += message;
    }
  }
  if (silent > 0)
    messages += "\nThe messages of " + count_of(silent, "more test", "more tests") + " are left out here.\n";
  for (const std::string& name : all.not_run)
    table.add({"not started", markdown_text(name), "", "", "", "the run ended before"});
  for (const TestResult& test : all.tests) {
    if (test.outcome == KTSTR_TEST_PASSED)
      passed.add({markdown_text(test.name), markdown_text(test.topology), markdown_text(test.scheduler),
                  seconds(test.duration_ns)});
  }
  return (table.empty() ? "" : "\n" + table.text()) + markdown_details("messages", messages) +
         markdown_details(count_of(all.count(KTSTR_TEST_PASSED), "test", "tests") + " passed", passed.text());
}

std::vector<std::string> cells_of(const Change& change) {
  const std::string outcome = change.standing == Standing::kFinding   ? "**regressed**"
                              : change.standing == Standing::kSuspect ? "suspect"
                                                                      : change.outcome;
  const bool adjusted = change.q == change.q;
  const double chance = adjusted ? change.q : change.p;
  return {outcome,
          markdown_text(change.scenario()),
          markdown_text(change.metric),
          markdown_text(quantity(change.before, change.unit)),
          markdown_text(quantity(change.after, change.unit)),
          markdown_text(relative_change(change.relative)),
          probability(chance),
          markdown_text(change.text)};
}

std::string changes_text(const Collected& all, std::size_t limit) {
  const std::vector<std::string> columns = {"outcome", "scenario", "metric", "baseline",
                                            "HEAD",    "change",   "chance", "remark"};
  MarkdownTable bad(columns, limit / 3), better(columns, limit / 8), undecided(columns, limit / 8),
      rest(columns, limit / 8);
  for (const Change& change : all.changes) {
    const bool worse = change.standing == Standing::kFinding || change.standing == Standing::kSuspect;
    MarkdownTable& table = worse                                                   ? bad
                           : change.standing == Standing::kUndecided               ? undecided
                           : change.standing == Standing::kFine && !change.quiet() ? better
                                                                                   : rest;
    table.add(cells_of(change));
  }
  std::string notes;
  for (const char* key : {"notes", "next"}) {
    for (const std::string& line : texts_in(all.end, key)) notes += "- " + markdown_text(line, 1000) + "\n";
  }
  notes.resize(std::min(notes.size(), limit / 16));  // lines of the host's own
  std::string missing;
  for (const std::string& line : hindrances(all)) {
    if (missing.size() < limit / 16) missing += "- missing: " + markdown_text(line) + "\n";
  }
  return (missing.empty() ? "" : "\n" + missing) + (bad.empty() ? "" : "\n" + bad.text()) +
         markdown_details("improved", better.text()) +
         markdown_details("could not be judged", undecided.text()) +
         markdown_details("unchanged and informational", rest.text()) +
         markdown_details("notes", notes.empty() || notes.ends_with('\n') ? notes : notes + "…\n");
}

std::string sides_text(const Collected& all) {
  if (!all.is_delta()) return {};
  const json::object baseline = object_in(all.begin, "baseline"), head = object_in(all.begin, "head");
  std::string out = "\nBaseline " + markdown_text(text_of(baseline, "label")) + " (" +
                    markdown_text(text_of(baseline, "how")) + "), HEAD " +
                    markdown_text(text_of(head, "label")) + "; judged by " +
                    markdown_text(joined(texts_in(all.begin, "gates"), " and ")) + ".\n";
  const std::vector<std::string> warnings = texts_in(all.begin, "warnings");
  for (std::size_t i = 0; i < std::min<std::size_t>(warnings.size(), 10); ++i)
    out += "\n> warning: " + markdown_text(warnings[i], 1000) + "\n";
  return out;
}

/// Escaped it is four times as long at most (a byte as "\xNN"), which the limit has room for.
std::string body_text(const Collected& all, std::size_t limit) {
  return "### " + markdown_text(all.title()) + "\n\n" +
         (all.body.empty() ? "There is nothing to show.\n" : markdown_block(all.body, limit / 5));
}

}  // namespace

const std::string kMarkdownOptionsSchema = kMarkdownOptions.schema();

MarkdownReporter::MarkdownReporter(sdk::Host, const sdk::Creation& creation)
    : CollectingReporter(creation),
      options_(kit::refusing_mistakes([&] { return kMarkdownOptions.read(creation.options); })) {}

std::string MarkdownReporter::text(const Collected& all) const {
  const std::size_t limit = options_.comment ? kCommentLimit : kSummaryLimit;
  if (all.is_body()) return body_text(all, limit);
  return "### " + all.title() + ": " + std::string(all.verdict_word()) + "\n\n" +
         markdown_text(all.sentence(), 2000) + "\n" + sides_text(all) +
         (all.is_delta() ? changes_text(all, limit) : tests_text(all, limit));
}

}  // namespace ktstr::reporters
