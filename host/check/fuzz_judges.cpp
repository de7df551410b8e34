// SPDX-License-Identifier: Apache-2.0
//
// Gates and reporters, called by chance.
#include <algorithm>
#include <array>
#include <ktstr/kit/text.hpp>

#include "check/bench.hpp"
#include "check/dice.hpp"
#include "check/fuzz.hpp"
#include "check/promises.hpp"

namespace ktstr {
namespace {

constexpr std::array kModes = {Arena::Mode::kPlain, Arena::Mode::kLonger, Arena::Mode::kReadOnly,
                               Arena::Mode::kBorrowed};
constexpr std::size_t kMostTexts = 100;  // long ones included they fit into an arena

/// Structs of the ABI by chance, in the memory of one call.
class Thrown {
 public:
  Thrown(Dice& dice, Arena& arena) : dice_(dice), arena_(arena) {}

  ktstr_str text() {
    if (++texts_ > kMostTexts) return arena_.text("x");
    return dice_.one_in(20) ? ktstr_str{nullptr, 0} : arena_.text(dice_.text());
  }
  ktstr_str document() { return arena_.text(dice_.document()); }

  const ktstr_comparison* comparison(std::size_t most) {
    ktstr_comparison made{};
    made.polarity = static_cast<std::uint32_t>(dice_.up_to(3));
    made.metric_class = static_cast<std::uint32_t>(dice_.up_to(4));
    made.flags = dice_.flags();
    made.scenario = arena_.in(ktstr_scenario{0, 0, text(), text(), text(), text(), text()});
    made.metric = text();
    made.unit = text();
    made.abs_gate = dice_.number();
    made.rel_gate = dice_.number();
    made.baseline = samples(most);
    made.head = dice_.one_in(10) ? made.baseline : samples(most);
    made.baseline_estimate = dice_.number();
    made.head_estimate = dice_.number();
    made.history = arena_.in(
        ktstr_history{0, 0, dice_.number(), dice_.number(), dice_.number(), dice_.number(), dice_.up_to(5)});
    made.resolution = dice_.number();
    made.extra_json = arena_.text("{}");
    return arena_.in(made);
  }

  const ktstr_verdict* verdict() {
    ktstr_verdict made{};
    made.outcome = static_cast<std::uint32_t>(dice_.up_to(KTSTR_INCONCLUSIVE));
    made.flags = dice_.flags();
    for (double* number :
         {&made.effect_abs, &made.effect_rel, &made.statistic, &made.df, &made.p_value, &made.q_value,
          &made.ratio, &made.ci_low, &made.ci_high, &made.mde, &made.false_alarm})
      *number = dice_.number();
    const std::string told = printable(dice_.text()).substr(0, sizeof made.text - 1);
    std::copy(told.begin(), told.end(), made.text);
    return arena_.in(made);
  }

  const ktstr_test_entry* test() {
    ktstr_test_entry made{};
    made.flags = dice_.flags();
    made.name = made.test = text();
    made.topology = text();
    made.scheduler = text();
    made.work_type = text();
    made.manifest = text();
    made.duration_ms = dice_.any();
    made.program = text();
    return arena_.in(made);
  }

  const ktstr_report_row* row(bool of_test) {
    ktstr_report_row made{};
    made.flags = dice_.flags();
    made.extra_json = arena_.text("{}");
    if (of_test) {
      made.outcome = static_cast<std::uint32_t>(dice_.up_to(6));
      made.test = test();
      made.duration_ns = dice_.any();
      made.message = text();
      made.location = text();
      return arena_.in(made);
    }
    made.outcome = static_cast<std::uint32_t>(dice_.up_to(KTSTR_INCONCLUSIVE));
    made.comparison = comparison(20);
    made.verdict = verdict();
    std::vector<const ktstr_gate_opinion*> opinions;
    for (std::size_t left = dice_.up_to(3); left > 0; --left)
      opinions.push_back(arena_.in(ktstr_gate_opinion{0, 0, text(), verdict()}));
    made.opinions = arena_.array(opinions);
    made.opinion_count = opinions.size();
    return arena_.in(made);
  }

 private:
  const ktstr_samples* samples(std::size_t most) {
    std::vector<double> values(dice_.how_many(most));
    const double all = dice_.measured();
    const std::uint64_t way = dice_.up_to(5);
    for (double& value : values)
      value = way == 0 ? all : way == 1 && dice_.one_in(4) ? dice_.number() : dice_.measured();
    std::vector<std::uint64_t> numbers(values.size());
    for (std::uint64_t& number : numbers)
      number = dice_.one_in(10) ? dice_.any() : dice_.up_to(numbers.size());
    const bool planned = dice_.one_in(2);
    return arena_.in(ktstr_samples{0, 0, values.size(), arena_.array(values),
                                   planned ? arena_.array(numbers) : nullptr,
                                   planned ? arena_.array(numbers) : nullptr});
  }

  Dice& dice_;
  Arena& arena_;
  std::size_t texts_ = 0;
};

/// One document; what the first call that refused it said.
Answer report(Bench& bench, Dice& dice, Arena& arena, void* self, ReportPaper& paper) {
  const auto& table = bench.table<ktstr_reporter_v1>();
  Thrown thrown(dice, arena);
  ktstr_report_begin begin{};
  do begin.document = 1U << dice.up_to(4);
  while ((table.documents & begin.document) == 0);
  begin.flags = dice.flags() & ~KTSTR_REPORT_COLOUR;
  begin.width = static_cast<std::uint32_t>(dice.one_in(3) ? dice.any() : dice.up_to(200));
  const bool run = begin.document == KTSTR_DOCUMENT_TEST_RUN;
  std::vector<const ktstr_test_entry*> tests;
  for (std::size_t left = run ? dice.how_many(10) : 0; left > 0; --left) tests.push_back(thrown.test());
  begin.tests = arena.array(tests);
  begin.test_count = tests.size();
  begin.extra_json = thrown.document();
  const auto* beginning = arena.in(begin);
  Answer answer = bench.ask("begin", arena,
                            [&](ktstr_error* e) { return table.begin(self, paper.writer(), beginning, e); });
  const std::size_t rows = run || begin.document == KTSTR_DOCUMENT_PERF_DELTA ? dice.how_many(20) : 0;
  for (std::size_t left = rows; answer.fine() && left > 0;) {
    std::vector<const ktstr_report_row*> told;
    for (std::size_t count = 1 + dice.up_to(left - 1); count > 0; --count, --left)
      told.push_back(thrown.row(run));
    const auto* list = arena.array(told);
    answer = bench.ask("rows", arena, [&](ktstr_error* e) { return table.rows(self, list, told.size(), e); });
  }
  if (!answer.fine() || dice.one_in(20)) return answer;  // sometimes nobody ends it
  ktstr_report_end end{};
  end.exit_code = static_cast<std::int32_t>(dice.up_to(6));
  end.status = static_cast<std::uint32_t>(dice.up_to(3));
  end.rows = rows;
  end.body_json = thrown.document();
  end.body_text = arena.text(printable(dice.text()) + "\n");
  end.extra_json = thrown.document();
  const auto* ending = arena.in(end);
  return bench.ask("end", arena, [&](ktstr_error* e) { return table.end(self, ending, e); });
}

}  // namespace

void fuzz_gate(Bench& bench, Dice& dice) {
  Arena arena(dice.of(kModes));
  const Instance instance = bench.make();
  Thrown thrown(dice, arena);
  const std::size_t count = dice.how_many(20);
  std::vector<const ktstr_comparison*> in;
  std::vector<ktstr_verdict*> out;
  for (std::size_t i = 0; i < count; ++i) in.push_back(thrown.comparison(count < 3 ? 3000 : 100));
  for (std::size_t i = 0; i < count; ++i) out.push_back(arena.out(blank_verdict()));
  const auto* places = arena.array(in);
  const Answer answer = bench.ask("evaluate", arena, [&](ktstr_error* e) {
    return bench.table<ktstr_gate_v1>().evaluate(instance.self(), places, out.data(), count, e);
  });
  require(arena.intact(), "it wrote behind the fields of a struct");
  for (const ktstr_verdict* verdict : out) {
    require(verdict != nullptr, "it wrote into the array of verdicts' places");
    if (answer.fine()) check_verdict(*verdict);
  }
}

void fuzz_reporter(Bench& bench, Dice& dice) {
  Arena arena(dice.of(kModes));
  const Instance instance = bench.make();
  ReportPaper paper(dice.one_in(10) ? dice.up_to(10) : SIZE_MAX);
  report(bench, dice, arena, instance.self(), paper);
  require(arena.intact(), "it wrote behind the fields of a struct");
  check_report(paper.text);
}

}  // namespace ktstr
