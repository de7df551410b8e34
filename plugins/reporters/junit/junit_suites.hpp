// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "junit/junit_reporter.hpp"

namespace ktstr::reporters {

/// Of a test that was run again: one of its attempts, in an element of its own.
struct JunitAttempt {
  bool error = false;  ///< it could not run, instead of failing
  std::string reason;
};

struct JunitCase {
  enum Kind { kPassed, kSkipped, kFailure, kError };
  Kind kind = kPassed;
  std::string classname, name, file;
  std::string type, text;  ///< of what is not passed; the first line is its message
  double seconds = 0;
  std::string message{};  ///< empty: the first line of `text`
  /// Those that the result does not tell of: what failed before a pass, or after the first failure.
  std::vector<JunitAttempt> attempts{};
  bool flaky = false;  ///< it passed in the end
};

struct JunitSuite {
  std::string name, kernel;
  std::vector<JunitCase> cases;
};

/// The tree of the XML, in the order in which suites are first asked for.
class JunitSuites {
 public:
  explicit JunitSuites(const JunitReporter::Options& options) : options_(options) {}

  JunitSuite& suite(const std::string& name, const std::string& kernel);
  std::string text(const std::string& name) const;

 private:
  std::string element(const JunitCase& one, const std::string& name, std::size_t message_limit) const;
  /// Empty: it would be too large, and `all_passed` are to be in it.
  std::string written(const std::string& name, std::size_t message_limit, bool all_passed) const;

  const JunitReporter::Options& options_;
  std::deque<JunitSuite> suites_;
  std::map<std::string, JunitSuite*> by_name_;
};

}  // namespace ktstr::reporters
