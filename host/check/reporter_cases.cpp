// SPDX-License-Identifier: Apache-2.0
//
// ktstr/abi/reporter.h: begin, rows, end, each once, into the writer and nowhere else.
#include <algorithm>
#include <cmath>
#include <functional>
#include <ktstr/kit/text.hpp>
#include <ktstr/kit/utf8.hpp>
#include <limits>

#include "check/bench.hpp"
#include "check/promises.hpp"

namespace ktstr {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint32_t kDocuments[] = {KTSTR_DOCUMENT_TEST_RUN, KTSTR_DOCUMENT_PERF_DELTA,
                                        KTSTR_DOCUMENT_CALIBRATE, KTSTR_DOCUMENT_BISECT,
                                        KTSTR_DOCUMENT_STATS};

struct Wish {
  std::uint32_t document = 0;
  std::size_t rows = 2;
  std::string name = "wakeups";
  std::uint32_t status = KTSTR_REPORT_COMPLETE;
  std::string extra = "{}", body = "{}";
};

const ktstr_test_entry* test_entry(Arena& arena, const std::string& name) {
  ktstr_test_entry entry{};
  entry.flags = KTSTR_TEST_PERFORMANCE_MODE;
  entry.name = entry.test = arena.text(name);
  entry.topology = arena.text("1n1l2c1t");
  entry.scheduler = arena.text("eevdf");
  entry.work_type = arena.text("SpinWait");
  entry.manifest = arena.text("tests/a.json");
  entry.duration_ms = 1000;
  return arena.in(entry);
}

const ktstr_samples* samples(Arena& arena, std::vector<double> values) {
  return arena.in(ktstr_samples{0, 0, values.size(), arena.array(values), nullptr, nullptr});
}

ktstr_report_row comparison_row(Arena& arena, const std::string& name) {
  const ktstr_str text = arena.text(name);
  const auto* scenario = arena.in(ktstr_scenario{0, 0, text, arena.text("1n1l2c1t"), text, text, text});
  ktstr_comparison comparison{};
  comparison.scenario = scenario;
  comparison.metric = arena.text("p99_wake_latency_us");
  comparison.unit = arena.text("us");
  comparison.abs_gate = 1;
  comparison.rel_gate = 0.1;
  comparison.baseline = samples(arena, {100, 101, 102});
  comparison.head = samples(arena, {130, 131, 132});
  comparison.baseline_estimate = 101;
  comparison.head_estimate = 131;
  comparison.history = arena.in(ktstr_history{0, 0, kNaN, kNaN, kNaN, kNaN, 0});
  comparison.extra_json = arena.text("{}");
  ktstr_verdict verdict{};
  verdict.outcome = KTSTR_REGRESSED;
  verdict.effect_abs = 30;
  verdict.effect_rel = 0.297;
  verdict.statistic = verdict.df = verdict.q_value = verdict.mde = verdict.false_alarm = kNaN;
  verdict.ratio = verdict.ci_high = std::numeric_limits<double>::infinity();
  const auto* judged = arena.in(verdict);
  const auto* opinion = arena.in(ktstr_gate_opinion{0, 0, arena.text("welch"), judged});
  ktstr_report_row row{};
  row.outcome = KTSTR_REGRESSED;
  row.flags = KTSTR_ROW_COUNTS;
  row.comparison = arena.in(comparison);
  row.verdict = judged;
  row.opinions = arena.array(std::vector<const ktstr_gate_opinion*>{opinion});
  row.opinion_count = 1;
  row.extra_json = arena.text("{}");
  return row;
}

ktstr_report_row test_row(Arena& arena, const std::string& name, std::size_t number) {
  ktstr_report_row row{};
  row.outcome = number % 2 == 0 ? KTSTR_TEST_PASSED : KTSTR_TEST_FAILED;
  row.test = test_entry(arena, name);
  row.duration_ns = 1'500'000'000;
  if (number % 2 == 1) row.message = arena.text("max_gap_ms: 700 exceeds 500 in " + name);
  row.extra_json = arena.text("{}");
  return row;
}

/// The first alone, the others in calls of up to a hundred; each made just before its call, since what one
/// was handed may be gone in the next.
Answer tell_rows(Bench& bench, void* self, Arena& arena, std::size_t rows,
                 const std::function<const ktstr_report_row*(std::size_t)>& row) {
  constexpr std::size_t kMost = 100;
  const auto& table = bench.table<ktstr_reporter_v1>();
  Answer answer;
  for (std::size_t at = 0, count = 1; answer.fine() && at < rows; at += count, count = kMost) {
    count = std::min(count, rows - at);
    std::vector<const ktstr_report_row*> batch;
    for (std::size_t i = at; i < at + count; ++i) batch.push_back(row(i));
    const auto* told = arena.array(batch);
    answer = bench.ask("rows", arena, [&](ktstr_error* e) { return table.rows(self, told, count, e); });
  }
  return answer;
}

/// One document into `sink`. What a call returned that failed, or the last one's answer.
Answer report(Bench& bench, void* self, Arena& arena, const Wish& wish, ReportPaper& sink) {
  const auto& table = bench.table<ktstr_reporter_v1>();
  const bool run = wish.document == KTSTR_DOCUMENT_TEST_RUN;
  const std::size_t rows = run || wish.document == KTSTR_DOCUMENT_PERF_DELTA ? wish.rows : 0;
  const auto name_of = [&](std::size_t i) { return rows == 1 ? wish.name : wish.name + std::to_string(i); };
  ktstr_report_begin begin{};
  begin.document = wish.document;
  std::vector<const ktstr_test_entry*> tests;
  for (std::size_t i = 0; run && i < rows; ++i) tests.push_back(test_entry(arena, name_of(i)));
  begin.tests = arena.array(tests);
  begin.test_count = tests.size();
  begin.extra_json = arena.text(wish.extra);
  const auto* beginning = arena.in(begin);
  Answer answer = bench.ask("begin", arena,
                            [&](ktstr_error* e) { return table.begin(self, sink.writer(), beginning, e); });
  const auto row = [&](std::size_t i) {
    return arena.in(run ? test_row(arena, name_of(i), i) : comparison_row(arena, name_of(i)));
  };
  answer = answer.fine() ? tell_rows(bench, self, arena, rows, row) : answer;
  if (!answer.fine()) return answer;
  ktstr_report_end end{};
  end.exit_code = 1;
  end.status = wish.status;
  end.rows = rows;
  end.body_json = arena.text(rows > 0 ? "" : wish.body);
  end.body_text = arena.text("a summary\n");
  end.extra_json = arena.text(wish.extra);
  const auto* ending = arena.in(end);
  return bench.ask("end", arena, [&](ktstr_error* e) { return table.end(self, ending, e); });
}

/// `check` for each document that the reporter speaks.
template <typename Check>
void each_document(Bench& bench, Check&& check) {
  for (const std::uint32_t document : kDocuments) {
    if ((bench.table<ktstr_reporter_v1>().documents & document) != 0) check(document);
  }
}

std::string reported(Bench& bench, const Wish& wish) {
  Arena arena;
  ReportPaper sink;
  const Instance instance = bench.make();
  bench.need("a report", report(bench, instance.self(), arena, wish, sink));
  return sink.text;
}

void documents(Bench& bench) {
  std::uint32_t known = 0;
  for (const std::uint32_t document : kDocuments) known |= document;
  require((bench.table<ktstr_reporter_v1>().documents & known) != 0,
          "it speaks none of the documents that there are");
  require(bench.table<ktstr_reporter_v1>().reserved == 0, "a reserved field of its table is not 0");
}

void no_rows(Bench& bench) {
  each_document(bench, [&](std::uint32_t document) { reported(bench, {document, 0}); });
}

void every_document(Bench& bench) {
  each_document(bench, [&](std::uint32_t document) { reported(bench, {document}); });
}

void cut_short(Bench& bench) {
  for (const std::uint32_t status : {KTSTR_REPORT_FAILED, KTSTR_REPORT_CANCELLED, 77U}) {
    each_document(bench, [&](std::uint32_t document) {
      Arena arena;
      ReportPaper sink;
      const Instance instance = bench.make();
      report(bench, instance.self(), arena, {document, 0, "wakeups", status},
             sink);  // may refuse, and say why
    });
  }
  if (!bench.remarks.empty()) fail(bench.remarks.front());
}

void hostile_names(Bench& bench) {
  const std::string names[] = {
      "\x1b[31mred\x1b]0;title\x07", "\xff\xfe\xc0",         "]]></failure><script>x()</script>",
      "::error::x\n::stop::",        std::string("a\0b", 3), "%s%n | ` \\ \"' $(x)",
      std::string(20000, 'x')};
  each_document(bench, [&](std::uint32_t document) {
    for (const std::string& name : names) {
      check_report(reported(bench, {document, 1, name}));
    }
  });
}

void odd_documents(Bench& bench) {
  for (const std::string& odd :
       {std::string(), std::string("{"), std::string("[1]"), std::string("{\"a\": 1e999}")}) {
    each_document(bench, [&](std::uint32_t document) {
      Arena arena;
      ReportPaper sink;
      const Instance instance = bench.make();
      report(bench, instance.self(), arena, {document, 1, "wakeups", KTSTR_REPORT_COMPLETE, odd, odd}, sink);
    });
  }
  if (!bench.remarks.empty()) fail(bench.remarks.front());
}

void failing_writer(Bench& bench) {
  each_document(bench, [&](std::uint32_t document) {
    for (std::size_t good = 0; good < 12; ++good) {
      Arena arena;
      ReportPaper sink(good);
      const Instance instance = bench.make();
      const Answer answer = report(bench, instance.self(), arena, {document}, sink);
      if (sink.writes <= good) return;  // it has nothing more to write
      if (answer.status != KTSTR_IO)
        fail("the writer refused with 5 (KTSTR_IO), and the call came back with " +
             std::to_string(answer.status));
    }
  });
}

void after_end(Bench& bench) {
  each_document(bench, [&](std::uint32_t document) {
    Arena arena;
    ReportPaper sink;
    Instance instance = bench.make();
    report(bench, instance.self(), arena, {document}, sink);
    const std::size_t writes = sink.writes;
    instance.end();
    require(sink.writes == writes, "it wrote after end had returned");
  });
}

void abandoned(Bench& bench) {
  const auto& table = bench.table<ktstr_reporter_v1>();
  each_document(bench, [&](std::uint32_t document) {
    Arena arena;
    ReportPaper sink;
    const Instance instance = bench.make();
    ktstr_report_begin begin{};
    begin.document = document;
    begin.extra_json = arena.text("{}");
    const auto* beginning = arena.in(begin);
    bench.ask("begin", arena,
              [&](ktstr_error* e) { return table.begin(instance.self(), sink.writer(), beginning, e); });
  });
}

void no_files(Bench& bench) {
  const auto count = [&] {
    std::size_t files = 0;
    for (const auto& one : std::filesystem::recursive_directory_iterator(bench.scratch())) {
      static_cast<void>(one);
      ++files;
    }
    return files;
  };
  const std::size_t before = count();
  each_document(bench, [&](std::uint32_t document) { reported(bench, {document}); });
  require(count() == before, "it made files of its own: what it has to say goes to the writer");
}

void many_rows(Bench& bench) {
  each_document(bench, [&](std::uint32_t document) { reported(bench, {document, 1000}); });
}

void no_colour(Bench& bench) {
  each_document(bench, [&](std::uint32_t document) {
    require(reported(bench, {document}).find('\x1b') == std::string::npos,
            "it colours what nobody asked it to");
  });
}

constexpr CheckCase kCases[] = {
    {"reporter-documents", kOfReporter, "speaks a document that exists", documents, "create"},
    {"reporter-every-document", kOfReporter, "writes every document that it says it speaks", every_document,
     "works"},
    {"reporter-no-rows", kOfReporter, "writes a document without rows", no_rows, "works"},
    {"reporter-cut-short", kOfReporter,
     "ends a document that was cancelled or failed, also with a status of tomorrow", cut_short, "works"},
    {"reporter-abandoned", kOfReporter, "is freed after begin without an end", abandoned, "works"},
    {"reporter-hostile-names", kOfReporter, "lets no control character and no broken UTF-8 of a name through",
     hostile_names, "works"},
    {"reporter-odd-documents", kOfReporter, "answers JSON that is broken, and does not fall over it",
     odd_documents, "works"},
    {"reporter-failing-writer", kOfReporter, "passes on what the writer refuses with, wherever it happens",
     failing_writer, "works"},
    {"reporter-after-end", kOfReporter, "writes nothing after end", after_end, "works"},
    {"reporter-no-files", kOfReporter, "makes no files of its own", no_files, "works"},
    {"reporter-no-colour", kOfReporter, "colours only when asked to", no_colour, "works"},
    {"reporter-many-rows", kOfReporter, "writes 1,000 rows in time", many_rows, "works"},
};

}  // namespace

void check_report(const std::string& text) {
  if (text.find('\x1b') != std::string::npos || text.find('\x07') != std::string::npos)
    fail("a control character of a test's name reached its output");
  if (valid_utf8(text) != text) fail("a test's name that is no UTF-8 made its output none");
}

std::string use_reporter(Bench& bench, void* self, Arena& arena) {
  std::uint32_t document = 0;
  each_document(bench, [&](std::uint32_t one) { document = document == 0 ? one : document; });
  if (document == 0) fail("it speaks none of the documents that there are");
  ReportPaper sink;
  bench.need("a report", report(bench, self, arena, {document}, sink));
  // Times and host names may be in it: what is compared is its size but for those.
  return sink.text.empty() ? "nothing" : "something";
}

std::span<const CheckCase> reporter_cases() { return kCases; }

}  // namespace ktstr
