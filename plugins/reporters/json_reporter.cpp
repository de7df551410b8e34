// SPDX-License-Identifier: Apache-2.0
#include "json_reporter.hpp"

#include <algorithm>
#include <ktstr/kit/options.hpp>
#include <ktstr/kit/sdk_mistake.hpp>
#include <ktstr/kit/stats.hpp>

namespace ktstr::reporters {
namespace {

json::string json_text(ktstr_str text) { return json::string(sdk::view(text)); }

/// One side's values and what they add up to.
json::object side_of(const ktstr_samples& samples, double estimate) {
  json::object side{{"n", samples.count}, {"mean", nullptr}, {"min", nullptr}, {"max", nullptr}};
  if (samples.count > 0) {
    const auto [least, most] = std::minmax_element(samples.values, samples.values + samples.count);
    side["mean"] = kit::mean({samples.values, samples.count});
    side["min"] = *least;
    side["max"] = *most;
  }
  side["estimate"] = estimate;
  side["values"] = json::array(samples.values, samples.values + samples.count);
  return side;
}

/// What the host tells of a row beside its struct.
void add_facts(const ktstr_report_row& row, json::object& out) {
  for (auto& fact : kit::object_or_empty(sdk::view(row.extra_json)))
    out.emplace(fact.key(), std::move(fact.value()));
}

json::object comparison_row(const ktstr_report_row& row) {
  const ktstr_comparison& c = *row.comparison;
  const ktstr_verdict& v = *row.verdict;
  constexpr std::string_view kPolarity[] = {"lower", "higher", "informational"};
  constexpr std::string_view kClass[] = {"ratio", "count", "exact", "extreme"};
  json::array opinions;
  for (std::uint64_t i = 0; i < row.opinion_count; ++i) {
    const ktstr_gate_opinion& opinion = *row.opinions[i];
    opinions.push_back(
        json::object{{"gate", json_text(opinion.gate)},
                     {"outcome", outcome_name(opinion.verdict->outcome, KTSTR_LOWER_IS_BETTER)},
                     {"statistic", opinion.verdict->statistic},
                     {"df", opinion.verdict->df},
                     {"p_value", opinion.verdict->p_value},
                     {"q_value", opinion.verdict->q_value},
                     {"text", opinion.verdict->text}});
  }
  json::object out{{"test", json_text(c.scenario->test)},
                   {"topology", json_text(c.scenario->topology)},
                   {"scheduler", json_text(c.scenario->scheduler)},
                   {"work_type", json_text(c.scenario->work_type)},
                   {"kernel", json_text(c.scenario->kernel)},
                   {"metric", json_text(c.metric)},
                   {"unit", json_text(c.unit)},
                   {"polarity", kPolarity[std::min<std::uint32_t>(c.polarity, 2)]},
                   {"baseline", side_of(*c.baseline, c.baseline_estimate)},
                   {"head", side_of(*c.head, c.head_estimate)},
                   {"delta", v.effect_abs},
                   {"relative", v.effect_rel},
                   {"outcome", outcome_name(row.outcome, c.polarity)},
                   {"p_value", v.p_value},
                   {"text", v.text},
                   {"q_value", v.q_value},
                   {"ratio", v.ratio},
                   {"ci_low", v.ci_low},
                   {"ci_high", v.ci_high},
                   {"mde", v.mde},
                   {"class", kClass[std::min<std::uint32_t>(c.metric_class, 3)]},
                   {"abs_gate", c.abs_gate},
                   {"rel_gate", c.rel_gate},
                   {"opinions", std::move(opinions)}};
  add_facts(row, out);
  return out;
}

json::object test_row(const ktstr_report_row& row) {
  const ktstr_test_entry& test = *row.test;
  json::object out{
      {"test", json_text(test.name)},
      {"topology", json_text(test.topology)},
      {"scheduler", json_text(test.scheduler)},
      {"work_type", json_text(test.work_type)},
      {"performance_mode", (test.flags & KTSTR_TEST_PERFORMANCE_MODE) != 0},
      {"manifest", json_text(test.manifest)},
      {"outcome", test_outcome_name(row.outcome)},
      {"duration_ns", row.duration_ns},
      {"message", json_text(row.message)},
      {"failure_dump", row.location.len == 0 ? json::value(nullptr) : json::value(json_text(row.location))}};
  add_facts(row, out);
  return out;
}

/// Moves what `from` has of these keys, in this order; null where it has nothing.
void move_keys(json::object& from, json::object& to, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    json::value* value = from.if_contains(key);
    to[key] = value == nullptr ? json::value(nullptr) : std::move(*value);
    from.erase(key);
  }
}

void move_rest(json::object& from, json::object& to) {
  for (auto& entry : from) {
    if (!to.contains(entry.key())) to[entry.key()] = std::move(entry.value());
  }
}

const auto kJsonOptions =
    kit::OptionTable<JsonReporter::Options>("reporter json")
        .flag("compact", &JsonReporter::Options::compact, "one line instead of an indented document");

}  // namespace

const std::string kJsonOptionsSchema = kJsonOptions.schema();

std::string_view outcome_name(std::uint32_t outcome, std::uint32_t polarity) {
  switch (outcome) {
    case KTSTR_REGRESSED: return polarity == KTSTR_INFORMATIONAL ? "informational" : "regressed";
    case KTSTR_IMPROVED: return polarity == KTSTR_INFORMATIONAL ? "informational" : "improved";
    case KTSTR_EQUIVALENT: return "equivalent";
    case KTSTR_UNCHANGED: return "unchanged";
    default: return "inconclusive";
  }
}

std::string_view test_outcome_name(std::uint32_t outcome) {
  switch (outcome) {
    case KTSTR_TEST_PASSED: return "passed";
    case KTSTR_TEST_FAILED: return "failed";
    case KTSTR_TEST_FLAKY: return "flaky";
    case KTSTR_TEST_SKIPPED: return "skipped";
    case KTSTR_TEST_INCONCLUSIVE: return "inconclusive";
    default: return "error";
  }
}

JsonReporter::JsonReporter(sdk::Host, const sdk::Creation& creation)
    : options_(kit::refusing_mistakes([&] { return kJsonOptions.read(creation.options); })) {}

void JsonReporter::begin(const sdk::Writer&, const ktstr_report_begin& begin) {
  document_ = begin.document;
  begin_ = kit::object_or_empty(sdk::view(begin.extra_json));
}

void JsonReporter::row(const sdk::Writer&, const ktstr_report_row& row) {
  if (row.comparison != nullptr) rows_.push_back(comparison_row(row));
  if (row.test != nullptr) rows_.push_back(test_row(row));
}

void JsonReporter::end(const sdk::Writer& out, const ktstr_report_end& end) {
  if (end.body_json.len > 0) {
    const std::string_view body = sdk::view(end.body_json);
    return out.write(options_.compact ? kit::to_text(kit::object_or_empty(body), 0) + "\n"
                                      : std::string(body));
  }
  json::object last = kit::object_or_empty(sdk::view(end.extra_json));
  json::object document{{"schema_version", 1}};
  if (document_ == KTSTR_DOCUMENT_PERF_DELTA) {
    document["document"] = "perf_delta";
    move_keys(begin_, document, {"mode"});
    move_keys(last, document, {"verdict", "headline"});
    document["exit_code"] = end.exit_code;
    move_keys(begin_, document, {"baseline", "head", "gates"});
    move_keys(last, document, {"counts"});
    document["rows"] = std::move(rows_);
  } else {
    document["document"] = "test_run";
    document["exit_code"] = end.exit_code;
    document["tests"] = std::move(rows_);
    begin_["selected"] = begin_.contains("tests") ? begin_["tests"] : json::value(nullptr);
    begin_.erase("tests");
  }
  move_rest(begin_, document);
  move_rest(last, document);
  out.write(kit::to_text(document, options_.compact ? 0 : 2) + "\n");
}

}  // namespace ktstr::reporters
