// SPDX-License-Identifier: Apache-2.0
#include "junit/junit_suites.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "document/shown_text.hpp"

namespace ktstr::reporters {
namespace {

constexpr std::size_t kName = 300, kMessage = 500;

std::string attribute(const char* name, std::string_view text, std::size_t most = kName) {
  return std::string(" ") + name + "=\"" + xml_escaped(shown_line(text, most)) + "\"";
}

/// At most three decimals and no exponent: what Jenkins' schema demands.
std::string time_text(double seconds) {
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::clamp(seconds, 0.0, 1e12),
                                 std::chars_format::fixed, 3);
  return {buffer.data(), end.ptr};
}

/// As Surefire writes them, whose schema wants the inner element.
std::string attempt_elements(const JunitCase& one, bool errors, std::size_t message_limit) {
  std::string out;
  for (const JunitAttempt& attempt : one.attempts) {
    if (attempt.error != errors) continue;
    const std::string tag = std::string(one.flaky ? "flaky" : "rerun") + (errors ? "Error" : "Failure");
    out += "      <" + tag + attribute("message", kit::first_line_of(attempt.reason), kMessage) +
           attribute("type", errors ? "ktstr.error" : "ktstr.failed") + "><stackTrace>" +
           xml_escaped(shown_block(attempt.reason, message_limit)) + "</stackTrace></" + tag + ">\n";
  }
  return out;
}

struct Totals {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double seconds = 0;

  void add(const JunitCase& one) {
    ++tests;
    failures += one.kind == JunitCase::kFailure ? 1 : 0;
    errors += one.kind == JunitCase::kError ? 1 : 0;
    skipped += one.kind == JunitCase::kSkipped ? 1 : 0;
    seconds += one.seconds;
  }
  std::string attributes(bool with_skipped) const {
    KTSTR_ASSERT(failures + errors + skipped <= tests && seconds >= 0);
    return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) +
           "\" errors=\"" + std::to_string(errors) + "\"" +
           (with_skipped ? " skipped=\"" + std::to_string(skipped) + "\"" : std::string()) + " time=\"" +
           time_text(seconds) + "\"";
  }
};

/// GitLab counts the first of several cases with one name only.
class UniqueNames {
 public:
  std::string of(const JunitCase& one) {
    const std::string shown = shown_line(one.name, kName);
    const std::size_t before = seen_[shown_line(one.classname, kName) + "\n" + shown]++;
    return before == 0 ? shown : shown + " (" + std::to_string(before + 1) + ")";
  }

 private:
  std::map<std::string, std::size_t> seen_;
};

}  // namespace

JunitSuite& JunitSuites::suite(const std::string& name, const std::string& kernel) {
  const auto [place, is_new] = by_name_.try_emplace(name, nullptr);
  if (is_new) place->second = &suites_.emplace_back(JunitSuite{name, kernel, {}});
  KTSTR_ASSERT(by_name_.size() == suites_.size());
  return *place->second;
}

std::string JunitSuites::element(const JunitCase& one, const std::string& name,
                                 std::size_t message_limit) const {
  std::string out = "    <testcase" + attribute("classname", one.classname) + attribute("name", name);
  if (!options_.strict && !one.file.empty()) out += attribute("file", one.file) + " line=\"1\"";
  out += " time=\"" + time_text(one.seconds) + "\"";
  if (one.kind == JunitCase::kPassed) return out + "/>\n";
  const std::string text = shown_block(one.text, message_limit);
  const std::string message =
      attribute("message", one.message.empty() ? kit::first_line_of(one.text) : one.message, kMessage);
  const std::string tag = one.kind == JunitCase::kFailure ? "failure" : "error";
  const std::string result = one.kind == JunitCase::kSkipped
                                 ? "      <skipped" + message + "/>\n"
                                 : "      <" + tag + message + attribute("type", one.type) + ">" +
                                       xml_escaped(text) + "</" + tag + ">\n";
  const std::string failures = attempt_elements(one, false, message_limit);
  // The order of Surefire's schema.
  return out + ">\n" + (one.kind == JunitCase::kFailure ? result + failures : failures + result) +
         attempt_elements(one, true, message_limit) + "    </testcase>\n";
}

std::string JunitSuites::written(const std::string& name, std::size_t message_limit, bool all_passed) const {
  Totals all;
  std::string body;
  std::size_t left_out = 0;
  UniqueNames names;
  for (const JunitSuite& suite : suites_) {
    Totals totals;
    std::string cases;
    for (const JunitCase& one : suite.cases) {
      if (all_passed && body.size() + cases.size() > options_.size_limit) return {};
      totals.add(one);
      all.add(one);
      const std::string unique = names.of(one);
      if (!all_passed && (one.kind == JunitCase::kPassed || body.size() + cases.size() > options_.size_limit))
        ++left_out;
      else
        cases += element(one, unique, message_limit);
    }
    body += "  <testsuite" + attribute("name", suite.name) + totals.attributes(true) + ">\n";
    if (!suite.kernel.empty())
      body += "    <properties>\n      <property name=\"kernel\"" + attribute("value", suite.kernel) +
              "/>\n    </properties>\n";
    body += cases + "  </testsuite>\n";
  }
  if (left_out > 0)
    body +=
        "  <!-- " + std::to_string(left_out) + " results left out: the file is as large as it may be -->\n";
  KTSTR_ASSERT(left_out <= all.tests);
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", name) +
         all.attributes(!options_.strict) + ">\n" + body + "</testsuites>\n";
}

/// What is over the limit loses messages first, then the results that are fine: their number stays in the
/// attributes.
std::string JunitSuites::text(const std::string& name) const {
  std::string out = written(name, options_.output_limit, true);
  if (out.empty()) out = written(name, kMessage, true);
  if (out.empty()) out = written(name, 0, false);
  return out;
}

}  // namespace ktstr::reporters
