// SPDX-License-Identifier: Apache-2.0
//
// ktstr/abi/gate.h: a pure function with a defined answer for whatever values there are.
#include <cmath>
#include <cstring>
#include <ktstr/kit/text.hpp>
#include <limits>

#include "check/bench.hpp"
#include "check/promises.hpp"

namespace ktstr {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Sides {
  std::vector<double> baseline, head;
  bool paired = true;
  double baseline_estimate = kNaN, head_estimate = kNaN;  ///< NaN: the mean
  std::uint32_t polarity = KTSTR_LOWER_IS_BETTER, metric_class = KTSTR_CLASS_RATIO;
  std::string name = "p99_wake_latency_us";
};

Sides ordinary() { return {{100, 102, 98, 101, 99, 100.5}, {130, 128, 131, 133, 129, 130.5}}; }

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? kNaN : sum / static_cast<double>(values.size());
}

const ktstr_samples* samples(Arena& arena, const std::vector<double>& values, bool paired) {
  std::vector<std::uint64_t> numbers(values.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = i;
  return arena.in(ktstr_samples{sizeof(ktstr_samples), 0, values.size(), arena.array(values),
                                paired ? arena.array(numbers) : nullptr,
                                paired ? arena.array(numbers) : nullptr});
}

const ktstr_comparison* comparison(Arena& arena, const Sides& sides) {
  const ktstr_str name = arena.text(sides.name);
  const auto* scenario =
      arena.in(ktstr_scenario{sizeof(ktstr_scenario), 0, name, arena.text("1n1l2c1t"), name, name, name});
  const auto* history = arena.in(ktstr_history{sizeof(ktstr_history), 0, kNaN, kNaN, kNaN, kNaN, 0});
  return arena.in(
      ktstr_comparison{sizeof(ktstr_comparison), sides.polarity, sides.metric_class,
                       sides.paired ? KTSTR_COMPARISON_PAIRED : 0U, scenario, name, arena.text("us"), 1, 0.1,
                       samples(arena, sides.baseline, sides.paired), samples(arena, sides.head, sides.paired),
                       std::isnan(sides.baseline_estimate) ? mean(sides.baseline) : sides.baseline_estimate,
                       std::isnan(sides.head_estimate) ? mean(sides.head) : sides.head_estimate, history, 0,
                       arena.text("{}")});
}

std::vector<ktstr_verdict> judge(Bench& bench, void* self, Arena& arena, const std::vector<Sides>& all) {
  std::vector<const ktstr_comparison*> in;
  std::vector<ktstr_verdict*> out;
  for (const Sides& sides : all) in.push_back(comparison(arena, sides));
  for (std::size_t i = 0; i < all.size(); ++i) out.push_back(arena.out(blank_verdict()));
  const auto* places = arena.array(in);
  const Answer answer = bench.ask("evaluate", arena, [&](ktstr_error* e) {
    return bench.table<ktstr_gate_v1>().evaluate(self, places, out.data(), all.size(), e);
  });
  bench.need("evaluate", answer);
  std::vector<ktstr_verdict> verdicts;
  for (ktstr_verdict* one : out) {
    require(one != nullptr, "it wrote into the array of verdicts' places");
    check_verdict(*one);
    verdicts.push_back(*one);
    verdicts.back().size = sizeof(ktstr_verdict);
  }
  return verdicts;
}

std::string bytes_of(const std::vector<ktstr_verdict>& verdicts) {
  return {reinterpret_cast<const char*>(verdicts.data()), verdicts.size() * sizeof(ktstr_verdict)};
}

/// The verdict on one comparison, of an instance of its own.
ktstr_verdict judge_one(Bench& bench, const Sides& sides) {
  Arena arena;
  const Instance instance = bench.make();
  return judge(bench, instance.self(), arena, {sides}).front();
}

void no_comparisons(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  judge(bench, instance.self(), arena, {});
}

void inconclusive_below(Bench& bench, const Sides& sides) {
  const ktstr_verdict verdict = judge_one(bench, sides);
  const std::size_t fewest = std::min(sides.baseline.size(), sides.head.size());
  if (fewest < bench.table<ktstr_gate_v1>().min_samples && verdict.outcome != KTSTR_INCONCLUSIVE)
    fail("its min_samples is " + std::to_string(bench.table<ktstr_gate_v1>().min_samples) + ", and with " +
         std::to_string(fewest) + " values a side it is not inconclusive");
}
void no_values(Bench& bench) {
  inconclusive_below(bench, {{}, {}});
  inconclusive_below(bench, {{}, {1, 2, 3}});
  inconclusive_below(bench, {{1, 2, 3}, {}});
}
void one_value(Bench& bench) {
  inconclusive_below(bench, {{1}, {2}});
  inconclusive_below(bench, {{1}, {2, 3, 4, 5, 6}});
}
void too_few(Bench& bench) {
  const std::uint32_t least = bench.table<ktstr_gate_v1>().min_samples;
  if (least == 0) does_not_apply("its min_samples is 0");
  if (least > 1000) fail("its min_samples is more than anybody measures");
  inconclusive_below(bench, {std::vector<double>(least - 1, 1), std::vector<double>(least - 1, 2)});
}
void no_spread(Bench& bench) {
  judge_one(bench, {std::vector<double>(6, 5), std::vector<double>(6, 5)});
  judge_one(bench, {std::vector<double>(6, 5), std::vector<double>(6, 9)});
  judge_one(bench, {std::vector<double>(6, 0), std::vector<double>(6, 0)});
}
void huge_and_tiny(Bench& bench) {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  judge_one(bench, {std::vector<double>(6, huge), {-huge, huge, -huge, huge, -huge, huge}});
  judge_one(bench, {std::vector<double>(6, tiny), {0, tiny, 0, tiny, 0, huge}});
  judge_one(bench, {{-1, -2, -3, -4, -5, -6}, {0, 0, 0, -0.0, 0, 1}});
}
void not_finite(Bench& bench) {
  for (const double odd : {kInfinity, -kInfinity}) {
    Sides sides = ordinary();
    sides.head_estimate = odd;
    judge_one(bench, sides);
    sides.head.assign(6, odd);
    judge_one(bench, sides);
  }
  judge_one(bench, {std::vector<double>(6, kNaN), std::vector<double>(6, 1)});
}

void same_again(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make(), other = bench.make();
  const auto first = bytes_of(judge(bench, instance.self(), arena, {ordinary()}));
  judge(bench, instance.self(), arena, {{{1, 2, 3}, {30, 20, 10}}, {{}, {}}});
  require(bytes_of(judge(bench, instance.self(), arena, {ordinary()})) == first,
          "the same input gave another verdict after a call in between");
  require(bytes_of(judge(bench, other.self(), arena, {ordinary()})) == first,
          "another instance gave another verdict on the same input");
}

void any_order(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  const std::vector<Sides> all = {ordinary(), {{5, 6, 7, 5, 6, 7}, {5, 6, 7, 6, 5, 7}}, {{1}, {2}}};
  const std::vector<Sides> turned = {all[2], all[1], all[0]};
  const auto one = judge(bench, instance.self(), arena, all);
  const auto other = judge(bench, instance.self(), arena, turned);
  for (std::size_t i = 0; i < all.size(); ++i)
    require(one[i].outcome == other[all.size() - 1 - i].outcome,
            "outcomes depend on the order of comparisons");
}

void unpaired(Bench& bench) {
  Sides sides = ordinary();
  sides.paired = false;
  judge_one(bench, sides);
  sides.head.resize(3);
  judge_one(bench, sides);
}

void many_values(Bench& bench) {
  Sides sides;
  for (int i = 0; i < 20000; ++i) {
    sides.baseline.push_back(100 + i % 17);
    sides.head.push_back(101 + i % 19);
  }
  judge_one(bench, sides);
}

void many_comparisons(Bench& bench) {
  Arena arena;
  const Instance instance = bench.make();
  judge(bench, instance.self(), arena, std::vector<Sides>(2000, ordinary()));
}

void hostile_names(Bench& bench) {
  Sides sides = ordinary();
  sides.name = "\x1b[31m\xff\n\"]]>'; $(x) %s%n";
  sides.name.append(3000, 'x');
  sides.name.push_back('\0');
  judge_one(bench, sides);
  sides.head.clear();
  judge_one(bench, sides);
}

void unknown_values(Bench& bench) {
  Sides sides = ordinary();
  sides.polarity = 77;
  sides.metric_class = 88;
  judge_one(bench, sides);
}

void every_kind_of_metric(Bench& bench) {
  for (const std::uint32_t polarity : {KTSTR_LOWER_IS_BETTER, KTSTR_HIGHER_IS_BETTER, KTSTR_INFORMATIONAL}) {
    for (const std::uint32_t metric_class :
         {KTSTR_CLASS_RATIO, KTSTR_CLASS_COUNT, KTSTR_CLASS_EXACT, KTSTR_CLASS_EXTREME}) {
      Sides sides = ordinary();
      sides.polarity = polarity;
      sides.metric_class = metric_class;
      judge_one(bench, sides);
    }
  }
}

constexpr CheckCase kCases[] = {
    {"gate-no-comparisons", kOfGate, "judges nothing without an error", no_comparisons, "works"},
    {"gate-no-values", kOfGate, "has a defined answer without values; inconclusive below min_samples",
     no_values, "works"},
    {"gate-one-value", kOfGate, "has a defined answer for one value a side", one_value, "works"},
    {"gate-too-few", kOfGate, "is inconclusive with one value less than min_samples", too_few, "works"},
    {"gate-no-spread", kOfGate, "has a defined answer for values that are all the same", no_spread, "works"},
    {"gate-huge-and-tiny", kOfGate, "has a defined answer for the largest and smallest numbers",
     huge_and_tiny, "works"},
    {"gate-not-finite", kOfGate, "survives NaN and infinities", not_finite, "works"},
    {"gate-same-again", kOfGate, "gives the same verdict on the same input, bit by bit", same_again, "works"},
    {"gate-any-order", kOfGate, "gives the same outcomes in whatever order comparisons come", any_order,
     "works"},
    {"gate-unpaired", kOfGate, "judges values without blocks and seeds, and sides of different length",
     unpaired, "works"},
    {"gate-many-values", kOfGate, "judges 20,000 values a side in time", many_values, "works"},
    {"gate-many-comparisons", kOfGate, "judges 2,000 comparisons in time", many_comparisons, "works"},
    {"gate-every-metric", kOfGate, "judges every polarity and class of metric", every_kind_of_metric,
     "works"},
    {"gate-hostile-names", kOfGate, "its texts stay printable whatever tests and metrics are called",
     hostile_names, "works"},
    {"gate-unknown-values", kOfGate, "survives a polarity and a class of metric that it does not know",
     unknown_values, "works"},
};

}  // namespace

ktstr_verdict blank_verdict() {
  ktstr_verdict verdict{};
  verdict.effect_abs = verdict.effect_rel = verdict.statistic = verdict.df = verdict.p_value =
      verdict.q_value = verdict.ratio = verdict.ci_low = verdict.ci_high = verdict.mde = verdict.false_alarm =
          kNaN;
  return verdict;
}

void check_verdict(const ktstr_verdict& verdict) {
  if (verdict.outcome > KTSTR_INCONCLUSIVE)
    fail("it gave an outcome that does not exist (" + std::to_string(verdict.outcome) + ")");
  require(verdict.reserved == 0, "it set a reserved field of a verdict");
  require(std::memchr(verdict.text, 0, sizeof verdict.text) != nullptr,
          "the text of a verdict is not NUL-terminated");
  if (printable(verdict.text) != verdict.text)
    fail("the text of a verdict is not one printable line: " + printable(verdict.text));
  require(std::isnan(verdict.false_alarm) || (verdict.false_alarm >= 0 && verdict.false_alarm <= 1),
          "it gave a false-alarm rate that is no probability");
}

std::string use_gate(Bench& bench, void* self, Arena& arena) {
  return bytes_of(judge(bench, self, arena, {ordinary(), {{5, 6, 7, 5, 6, 7}, {5, 6, 7, 6, 5, 7}}}));
}

std::span<const CheckCase> gate_cases() { return kCases; }

}  // namespace ktstr
