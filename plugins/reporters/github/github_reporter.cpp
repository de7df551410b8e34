// SPDX-License-Identifier: Apache-2.0
#include "github/github_reporter.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/hash.hpp>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>

#include "display.hpp"
#include "document/shown_text.hpp"
#include "terminal_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kPerLevel = 10;  // of a step; GitHub drops what comes after them without a word
constexpr std::size_t kAnnotation = 4000, kTitle = 200;
constexpr std::size_t kGroup = 32 << 10, kGroups = 256 << 10;

const kit::OptionTable<kit::NoOptions> kGithubOptions("reporter github");

/// As @actions/core escapes.
std::string command_data(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '%': out += "%25"; break;
      case '\r': out += "%0D"; break;
      case '\n': out += "%0A"; break;
      case ':': out += property ? "%3A" : ":"; break;
      case ',': out += property ? "%2C" : ","; break;
      default: out += c;
    }
  }
  return out;
}

struct Annotation {
  std::string title, message, file;
};

std::string annotation_text(const char* level, const Annotation& one) {
  std::string out = std::string("::") + level + " ";
  if (!one.file.empty()) out += "file=" + command_data(shown_line(one.file), true) + ",line=1,";
  return out + "title=" + command_data(shown_line(one.title, kTitle), true) +
         "::" + command_data(shown_block(one.message, kAnnotation), false) + "\n";
}

/// The worst of them, and how many there are beyond what GitHub shows.
std::string level_text(const char* level, const std::vector<Annotation>& all) {
  const std::size_t shown = all.size() <= kPerLevel ? all.size() : kPerLevel - 1;
  KTSTR_ASSERT(shown <= all.size() && shown + (shown < all.size() ? 1 : 0) <= kPerLevel);
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) out += annotation_text(level, all[i]);
  if (shown < all.size())
    out += annotation_text(
        level, {"ktstr: and more",
                std::to_string(all.size() - shown) + " more are in the log and in other reports", ""});
  return out;
}

struct Levels {
  std::vector<Annotation> errors, warnings, notices;
};

void add_verdict(const Collected& all, Levels& levels) {
  const Verdict verdict = all.verdict();
  std::vector<Annotation>& level = verdict == Verdict::kPass   ? levels.notices
                                   : verdict == Verdict::kFail ? levels.errors
                                                               : levels.warnings;
  level.push_back(
      {std::string(all.is_delta() ? "ktstr perf-delta: " : "ktstr test: ") + std::string(all.verdict_word()),
       all.sentence(), ""});
}

void add_tests(const Collected& all, Levels& levels) {
  const auto add = [&](std::uint32_t outcome, const char* word, std::vector<Annotation>& level) {
    for (const TestResult& test : all.tests) {
      if (test.outcome == outcome)
        level.push_back({test.name + " " + word, test.message.empty() ? word : test.message, test.manifest});
    }
  };
  add(KTSTR_TEST_FAILED, "failed", levels.errors);
  add(KTSTR_TEST_ERROR, "could not run", levels.errors);
  add(KTSTR_TEST_FLAKY, "is flaky", all.flaky_fails() ? levels.errors : levels.warnings);
  add(KTSTR_TEST_INCONCLUSIVE, "is inconclusive", levels.warnings);
  add(KTSTR_TEST_SKIPPED, "was skipped", levels.notices);
}

void add_changes(const Collected& all, Levels& levels) {
  std::vector<Annotation>& worse = all.verdict() == Verdict::kFail ? levels.errors : levels.warnings;
  std::size_t undecided = 0;
  for (const Change& change : all.changes) {
    undecided += change.standing == Standing::kUndecided ? 1 : 0;
    if (change.standing == Standing::kFinding || change.standing == Standing::kSuspect)
      worse.push_back({change.metric + " of " + joined({change.test, change.topology}, " "),
                       change.metric + " " + change.sentence() + "\n" + change.scenario(), ""});
  }
  for (const std::string& line : hindrances(all)) levels.warnings.push_back({"missing", line, ""});
  if (undecided > 0)
    levels.warnings.push_back(
        {"inconclusive", count_of(undecided, "metric", "metrics") + " could not be judged", ""});
}

/// Between stop-commands and its token nothing is a command. The token is the hash of what lies between: no
/// text holds its own.
std::string fenced(const std::string& text) {
  const std::string token = "ktstr-" + kit::sha256_of(text);
  KTSTR_ASSERT(text.find(token) == std::string::npos);  // else what follows it would be obeyed
  return "::stop-commands::" + token + "\n" + text + "\n::" + token + "::\n";
}

std::string groups(const Collected& all) {
  std::string out;
  std::size_t left_out = 0;
  for (const TestResult& test : all.tests) {
    if (test.outcome == KTSTR_TEST_PASSED || test.message.empty()) continue;
    if (out.size() > kGroups) {
      ++left_out;
      continue;
    }
    const std::string dump = test.dump.empty() ? "" : "\nfailure dump: " + test.dump;
    out += "::group::" + command_data(shown_line(test.name, kTitle), false) + "\n" +
           fenced(shown_block(test.message + dump, kGroup)) + "::endgroup::\n";
  }
  if (left_out > 0) out += count_of(left_out, "more test", "more tests") + " did not pass\n";
  return out;
}

}  // namespace

const std::string kGithubOptionsSchema = kGithubOptions.schema();

GithubReporter::GithubReporter(sdk::Host, const sdk::Creation& creation) : CollectingReporter(creation) {
  kit::refusing_mistakes([&] { return kGithubOptions.read(creation.options); });
}

std::string GithubReporter::text(const Collected& all) const {
  Levels levels;
  add_verdict(all, levels);
  if (all.is_delta()) {
    add_changes(all, levels);
  } else {
    add_tests(all, levels);
  }
  return level_text("error", levels.errors) + level_text("warning", levels.warnings) +
         level_text("notice", levels.notices) + groups(all);
}

}  // namespace ktstr::reporters
