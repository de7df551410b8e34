// SPDX-License-Identifier: Apache-2.0
//
// A whole document, for formats that are written when it is complete. Texts are as the host handed them over:
// each format escapes what it shows.
#pragma once
#include <ktstr/kit/json.hpp>
#include <ktstr/sdk.hpp>
#include <string>
#include <vector>

namespace ktstr::reporters {

/// An attempt of a test before the one that its result is of.
struct Attempt {
  std::string outcome, reason;
};

/// A phase of a test's scenario, since its start.
struct TimelineSpan {
  std::string label;
  double begin_ms = 0, end_ms = 0;
};

struct TestResult {
  std::string name, topology, scheduler, kernel;
  std::string manifest;  ///< relative to the repository where it lies inside
  std::string message, dump;
  std::uint32_t outcome = KTSTR_TEST_ERROR;
  std::uint64_t duration_ns = 0;
  std::vector<Attempt> earlier;        ///< the first first
  std::vector<TimelineSpan> timeline;  ///< by time
};

/// What a row of a comparison is to whoever only wants to know whether it is good.
enum class Standing {
  kFinding,       ///< worse, and it counts
  kSuspect,       ///< worse, but nobody knows the noise: one run a side
  kUndecided,     ///< nobody can tell
  kFine,          ///< unchanged, equivalent or better
  kInformational  ///< does not gate, whatever it did
};

/// What a metric was in an earlier session or commit.
struct EarlierFigure {
  std::string commit, when;
  double mean = 0, low = 0, high = 0, runs = 0;
};

struct Change {
  std::string test, topology, scheduler, work_type, kernel;
  std::string metric;  ///< with cgroup and phase where the row is about one
  std::string plain_metric, unit, text;
  std::string outcome;  ///< "regressed", "improved", …
  Standing standing = Standing::kUndecided;
  std::uint32_t polarity = KTSTR_LOWER_IS_BETTER;
  bool alone_fails = false;  ///< its regression fails without being counted
  double before = 0, after = 0, relative = 0, ci_low = 0, ci_high = 0, p = 0, q = 0;
  std::vector<double> baseline, head;
  std::vector<EarlierFigure> history;  ///< by time; of changes that are findings or got better

  std::string scenario() const;  ///< "wakeups 1n2l4c1t scx_mine PipeIo"
  /// "rose from 198.7 µs to 2.39 ms (x 12, q=0.003)", or what keeps it from being judged.
  std::string sentence() const;
  bool quiet() const { return standing == Standing::kFine && outcome != "improved"; }
};

enum class Verdict { kPass, kFail, kUndecided };

struct Collected {
  std::uint32_t document = 0;
  json::object begin, end;
  std::size_t planned = 0;  ///< tests that were to run
  std::vector<TestResult> tests;
  std::vector<std::string> not_run;  ///< planned, without a result
  std::vector<Change> changes;
  std::string body;       ///< of a document without rows: what a terminal shows of it
  std::string body_name;  ///< "bisect", "stats-list"
  std::uint32_t status = KTSTR_REPORT_COMPLETE;
  int exit_code = 0;

  bool is_delta() const { return document == KTSTR_DOCUMENT_PERF_DELTA; }
  /// A table or two of text instead of rows.
  bool is_body() const { return document != KTSTR_DOCUMENT_TEST_RUN && !is_delta(); }
  bool is_partial() const;  ///< cancelled, failed, or tests without a result
  Verdict verdict() const;
  /// "PASS", "FAIL" or "INCONCLUSIVE".
  std::string_view verdict_word() const;
  /// The verdict in one sentence, without the word.
  std::string sentence() const;
  /// "ktstr bisect": a heading; of a document without rows also that it did not end as it should.
  std::string title() const;
  std::size_t count(std::uint32_t outcome) const;  ///< of tests
  /// The command failed, and nothing but tests that failed and then passed can be why (--flaky fail).
  bool flaky_fails() const;
  std::string project() const;
};

/// What should have been compared and was not: "HEAD, could not run: there is no build/mine (storm
/// 1n1l2c1t)".
std::vector<std::string> hindrances(const Collected& all);

/// Keeps every row and writes one text at the end.
class CollectingReporter : public sdk::Reporter {
 public:
  explicit CollectingReporter(const sdk::Creation& creation);
  void begin(const sdk::Writer& out, const ktstr_report_begin& begin) final;
  void row(const sdk::Writer& out, const ktstr_report_row& row) final;
  void end(const sdk::Writer& out, const ktstr_report_end& end) final;

 protected:
  /// For formats that stream: after the beginning, and after each test's row, which is the last of `all`.
  virtual void started(const sdk::Writer&, const Collected&) {}
  virtual void added(const sdk::Writer&, const Collected&) {}
  /// What is left to write at the end.
  virtual std::string text(const Collected& all) const = 0;

 private:
  std::string root_;  ///< of the repository, else of the project
  std::vector<std::string> planned_;
  Collected all_;
};

/// Where services that show a repository's files start: the first directory upwards with a `.git` in it, else
/// the project's.
std::string repository_root(std::string_view project_dir);
/// Relative to `directory` where it lies inside of it.
std::string relative_inside(std::string_view path, std::string_view directory);

}  // namespace ktstr::reporters
