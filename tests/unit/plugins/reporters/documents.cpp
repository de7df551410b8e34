// SPDX-License-Identifier: Apache-2.0
#include "documents.hpp"

#include <filesystem>
#include <fstream>
#include <ktstr/kit/json.hpp>
#include <stdexcept>

#include "framework/comparisons.hpp"

namespace ktstr::reporters::fakes {
namespace {

constexpr const char* kDeltaBegin =
    R"({"mode": "repeated", "repeats": 5, "gates": ["fdr"], "baseline": {"commit": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "label": "aaaaaaa", "how": "--base main"},
  "head": {"commit": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "label": "bbbbbbb-dirty"}, "warnings": ["HEAD was overcommitted"]})";

// Everything that some format takes for its own: markup, commands, escapes, broken UTF-8, what XML has no
// characters for.
const std::string kHostile =
    std::string("</script><img src=x onerror=alert(1)> ]]> & \"q\" 'a' | `b` **c** @all #1 \x1b[31m") +
    std::string(1, '\0') + "\xff\xfe \xef\xbf\xbe \xe2\x80\xae::error::no # SKIP %0A https://evil.example";

ktstr_str view_of(const std::string& text) { return {text.data(), text.size()}; }

ktstr_test_entry entry_of(const FakeTest& test, const std::string& manifest) {
  ktstr_test_entry entry{};
  entry.size = sizeof entry;
  entry.name = view_of(test.name);
  entry.topology = view_of(test.topology);
  entry.scheduler = view_of(test.scheduler);
  entry.manifest = view_of(manifest);
  return entry;
}

void give_test(sdk::Reporter& reporter, const sdk::Writer& out, const FakeTest& test) {
  const std::string manifest = "/src/demo/tests/all.json";
  const ktstr_test_entry entry = entry_of(test, manifest);
  ktstr_report_row row{};
  row.size = sizeof row;
  row.outcome = test.outcome;
  row.test = &entry;
  row.duration_ns = test.duration_ns;
  row.message = view_of(test.message);
  row.location = view_of(test.dump);
  row.extra_json = view_of(test.facts);
  reporter.row(out, row);
}

double first_of(const std::vector<double>& values) { return values.empty() ? kNan : values.front(); }

void give_change(sdk::Reporter& reporter, const sdk::Writer& out, const FakeChange& change) {
  const std::string work = "PipeIo", kernel = "6.18.2";
  const ktstr_scenario scenario = {sizeof scenario,
                                   0,
                                   view_of(change.test),
                                   view_of(change.topology),
                                   view_of(change.scheduler),
                                   view_of(work),
                                   view_of(kernel)};
  ktstr_comparison c{};
  c.size = sizeof c;
  c.polarity = change.polarity;
  c.scenario = &scenario;
  c.metric = view_of(change.metric);
  c.unit = view_of(change.unit);
  c.abs_gate = 5;
  c.rel_gate = 0.1;
  c.baseline = ktstr::testing::samples(change.baseline.data(), nullptr, nullptr, change.baseline.size());
  c.head = ktstr::testing::samples(change.head.data(), nullptr, nullptr, change.head.size());
  c.baseline_estimate = first_of(change.baseline);
  c.head_estimate = first_of(change.head);
  ktstr_verdict verdict{};
  verdict.size = sizeof verdict;
  verdict.outcome = change.outcome;
  verdict.effect_abs = c.head_estimate - c.baseline_estimate;
  verdict.effect_rel = change.relative;
  verdict.statistic = verdict.df = verdict.mde = kNan;
  verdict.ratio = 1 + change.relative;
  verdict.ci_low = change.ci_low;
  verdict.ci_high = change.ci_high;
  verdict.p_value = change.p;
  verdict.q_value = change.q;
  sdk::copy_text(verdict.text, change.text);
  const ktstr_gate_opinion opinion = {sizeof opinion, 0, sdk::str("welch"), &verdict};
  const ktstr_gate_opinion* const opinions[] = {&opinion};
  ktstr_report_row row{};
  row.size = sizeof row;
  row.outcome = change.outcome;
  row.opinions = opinions;
  row.opinion_count = 1;
  row.flags = change.polarity == KTSTR_INFORMATIONAL ? KTSTR_ROW_INFORMATIONAL : KTSTR_ROW_COUNTS;
  row.comparison = &c;
  row.verdict = &verdict;
  row.extra_json = view_of(change.facts);
  reporter.row(out, row);
}

std::vector<FakeChange> ordinary_changes() {
  return {
      {"wakeups",
       "worst_p99_wake_latency_us",
       "us",
       KTSTR_REGRESSED,
       KTSTR_LOWER_IS_BETTER,
       {196, 199, 201},
       {2310, 2400, 2460},
       11,
       0.003,
       "",
       R"({"history": [{"commit": "1111111", "when": "2026-11-01T10:00:00Z", "mean": 190, "min": 180, "max": 200, "runs": 3},
  {"commit": "2222222", "when": "2026-11-02T10:00:00Z", "mean": 205, "min": 195, "max": 240, "runs": 5}]})"},
      {"wakeups",
       "iteration_rate",
       "iter/s",
       KTSTR_REGRESSED,
       KTSTR_HIGHER_IS_BETTER,
       {1000},
       {640},
       -0.36,
       kNan,
       "",
       R"({"suspect": true})"},
      {"wakeups",
       "worst_gap_ms",
       "ms",
       KTSTR_IMPROVED,
       KTSTR_LOWER_IS_BETTER,
       {40, 42},
       {20, 20},
       -0.512,
       0.01,
       "",
       R"({"phase": "Step[2]"})"},
      {"pipes",
       "worst_spread",
       "%",
       KTSTR_UNCHANGED,
       KTSTR_LOWER_IS_BETTER,
       {4, 4.1},
       {4, 4.1},
       0,
       0.9,
       "",
       "{}"},
      {"pipes",
       "total_fallback",
       "",
       KTSTR_INCONCLUSIVE,
       KTSTR_LOWER_IS_BETTER,
       {0},
       {},
       kNan,
       kNan,
       "HEAD has no value",
       "{}"},
      {"pipes",
       "total_migrations",
       "",
       KTSTR_REGRESSED,
       KTSTR_INFORMATIONAL,
       {10, 12},
       {20, 22},
       1,
       0.01,
       "",
       "{}"}};
}

}  // namespace

FakeDocument ordinary_tests() {
  FakeDocument document;
  document.exit_code = 1;
  document.tests = {
      {"steady", "", ""},
      {"wakeups", "not_stuck: worker 3 got no CPU for 2.1 s\nscheduler scx_mine left",
       "/src/demo/target/ktstr/6.18.2-abc1234/wakeups.failure.json", KTSTR_TEST_FAILED},
      {"numa", "needs 2 NUMA nodes, the host has memory for one", "", KTSTR_TEST_SKIPPED, "2n2l1c1t"},
      {"bursts", "no worker ended its work", "", KTSTR_TEST_INCONCLUSIVE},
      {"storm", "QEMU ended before the guest was up", "", KTSTR_TEST_ERROR}};
  document.tests[1].facts = R"({"timeline": [{"label": "BASELINE", "begin_ms": 0, "end_ms": 1000},
    {"label": "Step[1]", "begin_ms": 1000, "end_ms": 3500}, {"label": "flood", "begin_ms": 3500, "end_ms": 4100}]})";
  document.end = R"({"passed": 1, "failed": 1, "skipped": 1, "inconclusive": 1, "errors": 1, "not_run": 0})";
  return document;
}

FakeDocument retried_tests() {
  FakeDocument document;
  document.exit_code = 1;
  FakeTest flaky{"wobbly", "attempt 1 of 3 failed: it was stuck\nattempt 2 of 3 failed: too slow", "",
                 KTSTR_TEST_FLAKY};
  flaky.facts = R"({"earlier_attempts": [{"outcome": "failed", "reason": "it was stuck"},
    {"outcome": "failed", "reason": "too slow"}]})";
  FakeTest failed{"wakeups",
                  "worker 3 got no CPU for 2.3 s\nattempt 1 of 2 failed: worker 1 got no CPU for 2.1 s",
                  "/src/demo/wakeups.failure.json", KTSTR_TEST_FAILED};
  failed.facts =
      R"({"earlier_attempts": [{"outcome": "failed", "reason": "worker 1 got no CPU for 2.1 s"}]})";
  document.tests = {flaky, failed, {"steady", "", ""}};
  document.end = R"({"passed": 1, "flaky": 1, "failed": 1, "not_run": 0})";
  return document;
}

FakeDocument interrupted_tests() {
  FakeDocument document;
  document.tests = {{"steady", "", ""}};
  document.planned = {"later", "never"};
  document.exit_code = 130;
  document.status = KTSTR_REPORT_CANCELLED;
  document.end = R"({"passed": 1, "not_run": 2, "interrupted": true})";
  return document;
}

FakeDocument ordinary_delta(const std::string& verdict) {
  FakeDocument document;
  document.document = KTSTR_DOCUMENT_PERF_DELTA;
  document.begin = kDeltaBegin;
  document.exit_code = verdict == "fail" ? 1 : verdict == "pass" ? 0 : 5;
  document.changes = ordinary_changes();
  document.end =
      R"({"verdict": ")" + verdict +
      R"json(", "headline": "worst_p99_wake_latency_us of wakeups rose from 196 us to 2.31 ms (x 12, q=0.003)",
    "missing": [{"kind": "could_not_run", "side": "head", "scenario": "storm 1n1l2c1t scx_mine", "reason": "there is no build/mine", "minor": false}],
    "counts": {"regressed": 1}, "scenarios": 2, "fail_threshold": 1, "host": [{"key": "cpu_model", "baseline": "AMD EPYC 7B13", "head": "Intel Xeon 8481C"},
      {"key": "sched_tunables.sched_rr_timeslice_ms", "baseline": "100", "head": "(absent)"}],
    "notes": ["hosts differ: another CPU"], "next": ["see what changed: git diff aaaaaaa"]})json";
  return document;
}

FakeDocument hostile_tests() {
  FakeDocument document = ordinary_tests();
  document.begin = R"({"project": "</p>]]>::error::", "kernel": "6.18|`"})";
  for (FakeTest& test : document.tests) {
    test.name += kHostile;
    test.message = "::error title=x::pwned\n::stop-commands::guess\n" + kHostile + "\n```\n" + kHostile +
                   "\r\nnot ok 99 - no\n";
    test.dump = "/src/demo/" + kHostile;
    test.scheduler = kHostile;
    test.facts = kit::to_text(
        json::object{{"timeline", json::array{{{"label", kHostile}, {"begin_ms", 1}, {"end_ms", 5}},
                                              "no object",
                                              {{"label", 7}, {"begin_ms", "x"}},
                                              {{"label", "back"}, {"begin_ms", 9}, {"end_ms", -1e300}}}}},
        0);
  }
  for (FakeTest test : retried_tests().tests) {
    test.name = "again " + test.name + kHostile;
    test.facts = kit::to_text(
        json::object{{"earlier_attempts", json::array{{{"outcome", kHostile}, {"reason", kHostile}},
                                                      "no object",
                                                      {{"outcome", "failed"}, {"reason", 7}}}}},
        0);
    document.tests.push_back(std::move(test));
  }
  document.tests.push_back(document.tests.front());  // of the same name
  document.planned = {kHostile};
  return document;
}

FakeDocument hostile_delta() {
  FakeDocument document = ordinary_delta();
  json::object end = kit::object_or_empty(document.end);
  end["host"] = json::array{json::object{{"key", kHostile}, {"baseline", kHostile}, {"head", kHostile}}};
  document.end = kit::to_text(end, 0);
  for (FakeChange& change : document.changes) {
    change.test += kHostile;
    change.metric += kHostile;
    change.unit = kHostile;
    change.text = kHostile;
  }
  document.changes[0].head = {HUGE_VAL, -HUGE_VAL};
  document.changes[0].relative = HUGE_VAL;
  document.changes[1].head = {kNan};
  document.changes[1].relative = kNan;
  document.changes.push_back(document.changes.front());
  return document;
}

FakeDocument ordinary_body() {
  FakeDocument document;
  document.document = KTSTR_DOCUMENT_STATS;
  document.body_json = R"({"schema_version": 1, "document": "stats-list", "runs": []})";
  document.body_text =
      "RUN                    TESTS  DATE                  ARCH\n"
      "6.18.2-abc1234-dirty       4  2026-11-30T10:00:00Z  x86_64\n"
      "6.18.2-9d2c1aa            12  2026-11-29T18:30:00Z  x86_64\n";
  return document;
}

FakeDocument hostile_body() {
  FakeDocument document = ordinary_body();
  document.document = KTSTR_DOCUMENT_BISECT;
  document.body_json = kit::to_text(json::object{{"document", kHostile}}, 0);
  document.body_text =
      "first bad: " + kHostile + "\n```\n````\n</pre></main>" + kHostile + "\n~~~\n# no heading\n";
  document.exit_code = 5;
  return document;
}

FakeDocument many_tests() {
  FakeDocument document;
  document.exit_code = 1;
  for (int i = 0; i < 10'000; ++i) {
    FakeTest test{"test" + std::to_string(i), "", ""};
    if (i % 2 == 1) {
      test.outcome = KTSTR_TEST_FAILED;
      test.message = "failed\n" + std::string(5'000, '<');
    }
    document.tests.push_back(std::move(test));
  }
  return document;
}

FakeDocument many_changes() {
  FakeDocument document = ordinary_delta();
  for (int i = 0; i < 10'000; ++i) {
    FakeChange change = document.changes[static_cast<std::size_t>(i % 6)];
    change.test = "scenario" + std::to_string(i / 100);
    change.metric += std::to_string(i % 100);
    document.changes.push_back(std::move(change));
  }
  return document;
}

std::string written(sdk::Reporter& reporter, const FakeDocument& document) {
  std::string text;
  const ktstr_writer writer = {sizeof writer, 0, &text,
                               [](void* ctx, const void* data, std::uint64_t len) noexcept -> ktstr_status {
                                 static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), len);
                                 return KTSTR_OK;
                               }};
  const sdk::Writer out(&writer);
  std::vector<ktstr_test_entry> entries;
  for (const FakeTest& test : document.tests) entries.push_back(entry_of(test, ""));
  for (const std::string& name : document.planned) {
    entries.emplace_back(ktstr_test_entry{}).name = view_of(name);
  }
  std::vector<const ktstr_test_entry*> pointers;
  for (const ktstr_test_entry& entry : entries) pointers.push_back(&entry);
  ktstr_report_begin begin{};
  begin.size = sizeof begin;
  begin.document = document.document;
  begin.flags = document.flags;
  begin.width = document.width;
  begin.tests = pointers.data();
  begin.test_count = pointers.size();
  begin.extra_json = view_of(document.begin);
  reporter.begin(out, begin);
  for (const FakeTest& test : document.tests) give_test(reporter, out, test);
  for (const FakeChange& change : document.changes) give_change(reporter, out, change);
  ktstr_report_end end{};
  end.size = sizeof end;
  end.exit_code = document.exit_code;
  end.status = document.status;
  end.rows = document.tests.size() + document.changes.size();
  end.extra_json = view_of(document.end);
  end.body_json = view_of(document.body_json);
  end.body_text = view_of(document.body_text);
  reporter.end(out, end);
  return text;
}

void keep(const std::string& name, const std::string& text) {
  const std::filesystem::path file = std::filesystem::path(KTSTR_REPORTS_DIR) / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace ktstr::reporters::fakes
