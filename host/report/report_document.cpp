// SPDX-License-Identifier: Apache-2.0
#include "report/report_document.hpp"

#include <cmath>
#include <cstring>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <memory>

namespace ktstr {
namespace {

constexpr std::int64_t kSchemaVersion = 1;

std::string copy(ktstr_str text) {
  return text.ptr == nullptr ? std::string() : std::string(text.ptr, text.len);
}

json::value number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

struct VerdictNumber {
  const char* key;
  double ktstr_verdict::*field;
};
constexpr VerdictNumber kVerdictNumbers[] = {
    {"effect_abs", &ktstr_verdict::effect_abs},
    {"effect_rel", &ktstr_verdict::effect_rel},
    {"statistic", &ktstr_verdict::statistic},
    {"df", &ktstr_verdict::df},
    {"p_value", &ktstr_verdict::p_value},
    {"q_value", &ktstr_verdict::q_value},
    {"ratio", &ktstr_verdict::ratio},
    {"ci_low", &ktstr_verdict::ci_low},
    {"ci_high", &ktstr_verdict::ci_high},
    {"mde", &ktstr_verdict::mde},
    {"false_alarm", &ktstr_verdict::false_alarm},
};

struct ComparisonNumber {
  const char* key;
  double ktstr_comparison::*field;
};
constexpr ComparisonNumber kComparisonNumbers[] = {
    {"abs_gate", &ktstr_comparison::abs_gate},
    {"rel_gate", &ktstr_comparison::rel_gate},
    {"baseline_estimate", &ktstr_comparison::baseline_estimate},
    {"head_estimate", &ktstr_comparison::head_estimate},
    {"resolution", &ktstr_comparison::resolution},
};

struct HistoryNumber {
  const char* key;
  double ktstr_history::*field;
};
constexpr HistoryNumber kHistoryNumbers[] = {
    {"log_variance", &ktstr_history::log_variance},
    {"log_variance_df", &ktstr_history::log_variance_df},
    {"paired_log_variance", &ktstr_history::paired_log_variance},
    {"paired_log_variance_df", &ktstr_history::paired_log_variance_df},
};

struct ScenarioText {
  const char* key;
  ktstr_str ktstr_scenario::*field;
};
constexpr ScenarioText kScenarioTexts[] = {
    {"test", &ktstr_scenario::test},           {"topology", &ktstr_scenario::topology},
    {"scheduler", &ktstr_scenario::scheduler}, {"work_type", &ktstr_scenario::work_type},
    {"kernel", &ktstr_scenario::kernel},
};

json::object verdict_json(const ktstr_verdict& verdict) {
  json::object object{{"outcome", verdict.outcome}, {"flags", verdict.flags}};
  for (const VerdictNumber& one : kVerdictNumbers) object[one.key] = number(verdict.*one.field);
  object["text"] = std::string(verdict.text, ::strnlen(verdict.text, sizeof verdict.text));
  return object;
}

json::object samples_json(const ktstr_samples& samples) {
  json::array values, blocks, seeds;
  for (std::uint64_t i = 0; i < samples.count; ++i) {
    values.push_back(number(samples.values[i]));
    if (samples.blocks != nullptr) blocks.emplace_back(samples.blocks[i]);
    if (samples.seeds != nullptr) seeds.emplace_back(samples.seeds[i]);
  }
  return {{"values", std::move(values)},
          {"blocks", samples.blocks != nullptr ? json::value(std::move(blocks)) : json::value(nullptr)},
          {"seeds", samples.seeds != nullptr ? json::value(std::move(seeds)) : json::value(nullptr)}};
}

json::object comparison_json(const ktstr_comparison& comparison) {
  json::object scenario;
  for (const ScenarioText& one : kScenarioTexts) scenario[one.key] = copy(comparison.scenario->*one.field);
  json::object history{{"sessions", comparison.history->sessions}};
  for (const HistoryNumber& one : kHistoryNumbers) history[one.key] = number(comparison.history->*one.field);
  json::object object{{"scenario", std::move(scenario)},
                      {"metric", copy(comparison.metric)},
                      {"unit", copy(comparison.unit)},
                      {"polarity", comparison.polarity},
                      {"metric_class", comparison.metric_class},
                      {"flags", comparison.flags},
                      {"baseline", samples_json(*comparison.baseline)},
                      {"head", samples_json(*comparison.head)},
                      {"history", std::move(history)},
                      {"extra", copy(comparison.extra_json)}};
  for (const ComparisonNumber& one : kComparisonNumbers) object[one.key] = number(comparison.*one.field);
  return object;
}

}  // namespace

std::string report_row_text(const ktstr_report_row& row) {
  json::object object{{"outcome", row.outcome}, {"flags", row.flags}, {"extra", copy(row.extra_json)}};
  if (row.comparison != nullptr) object["comparison"] = comparison_json(*row.comparison);
  if (row.verdict != nullptr) object["verdict"] = verdict_json(*row.verdict);
  json::array opinions;
  for (std::uint64_t i = 0; i < row.opinion_count; ++i) {
    opinions.push_back(json::object{{"gate", copy(row.opinions[i]->gate)},
                                    {"verdict", verdict_json(*row.opinions[i]->verdict)}});
  }
  object["opinions"] = std::move(opinions);
  return to_text(object, 0);
}

/// Fills a StoredRow. The first mistake is kept and ends it.
class RowReader {
 public:
  RowReader(StoredRow& out, std::string where) : out_(out), where_(std::move(where)) {}

  Status read(const json::value& value) {
    const json::object& row = object(value, "a row");
    out_.row_.size = sizeof out_.row_;
    out_.row_.outcome = whole(row, "outcome", KTSTR_INCONCLUSIVE);
    out_.row_.flags = whole(row, "flags", std::numeric_limits<std::uint32_t>::max());
    out_.row_.extra_json = text(row, "extra");
    read_comparison(object(member(row, "comparison"), "comparison"));
    read_verdict(object(member(row, "verdict"), "verdict"), out_.verdict_);
    const json::value& opinions = member(row, "opinions");
    if (!opinions.is_array())
      fail("opinions is no array");
    else
      for (const json::value& one : opinions.get_array()) read_opinion(object(one, "an opinion"));
    for (const ktstr_gate_opinion& opinion : out_.opinions_) out_.pointers_.push_back(&opinion);
    out_.row_.comparison = &out_.comparison_;
    out_.row_.verdict = &out_.verdict_;
    out_.row_.opinions = out_.pointers_.data();
    out_.row_.opinion_count = out_.pointers_.size();
    return problem_.empty() ? Status(Ok{}) : Status(plugin_error(where_ + ": " + problem_));
  }

 private:
  void fail(const std::string& what) {
    if (problem_.empty()) problem_ = what;
  }
  const json::object& object(const json::value& value, const char* what) {
    static const json::object kNone;
    if (value.is_object()) return value.get_object();
    fail(std::string(what) + " is no object");
    return kNone;
  }
  const json::value& member(const json::object& parent, const char* key) {
    static const json::value kNull;
    const json::value* value = parent.if_contains(key);
    if (value == nullptr) fail(std::string(key) + " is missing");
    return value != nullptr ? *value : kNull;
  }
  ktstr_str text(const json::object& parent, const char* key) {
    const json::value& value = member(parent, key);
    if (!value.is_string()) {
      fail(std::string(key) + " is no string");
      return {"", 0};
    }
    const std::string& kept = out_.texts_.emplace_back(value.get_string());
    return {kept.data(), kept.size()};
  }
  double real(const json::value& value, const char* key) {
    if (value.is_number()) return value.to_number<double>();
    if (value.is_string()) {
      const std::string_view name = value.get_string();
      if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
      if (name == "inf") return std::numeric_limits<double>::infinity();
      if (name == "-inf") return -std::numeric_limits<double>::infinity();
    }
    fail(std::string(key) + " is no number");
    return std::numeric_limits<double>::quiet_NaN();
  }
  double real(const json::object& parent, const char* key) { return real(member(parent, key), key); }
  std::uint64_t count(const json::value& value, const char* key) {
    if (value.is_uint64()) return value.get_uint64();
    if (value.is_int64() && value.get_int64() >= 0) return static_cast<std::uint64_t>(value.get_int64());
    fail(std::string(key) + " is no whole number");
    return 0;
  }
  /// A code or flags: what this version does not know must not reach a reporter.
  std::uint32_t whole(const json::object& parent, const char* key, std::uint32_t most) {
    const std::uint64_t value = count(member(parent, key), key);
    if (value > most) fail(std::string(key) + " is out of range");
    return value > most ? 0 : static_cast<std::uint32_t>(value);
  }

  void read_samples(const json::object& object, ktstr_samples& samples) {
    std::vector<double>& values = out_.numbers_.emplace_back();
    const json::value& list = member(object, "values");
    if (!list.is_array()) return fail("values is no array");
    for (const json::value& value : list.get_array()) values.push_back(real(value, "values"));
    samples = {sizeof samples, 0, values.size(), values.data(), nullptr, nullptr};
    samples.blocks = counters(object, "blocks", values.size());
    samples.seeds = counters(object, "seeds", values.size());
  }
  const std::uint64_t* counters(const json::object& object, const char* key, std::size_t wanted) {
    const json::value& list = member(object, key);
    if (list.is_null()) return nullptr;
    if (!list.is_array() || list.get_array().size() != wanted) {
      fail(std::string(key) + " does not go with the values");
      return nullptr;
    }
    std::vector<std::uint64_t>& kept = out_.counters_.emplace_back();
    for (const json::value& value : list.get_array()) kept.push_back(count(value, key));
    return kept.data();
  }
  void read_comparison(const json::object& object_) {
    ktstr_comparison& comparison = out_.comparison_;
    comparison.size = sizeof comparison;
    comparison.polarity = whole(object_, "polarity", KTSTR_INFORMATIONAL);
    comparison.metric_class = whole(object_, "metric_class", KTSTR_CLASS_EXTREME);
    comparison.flags = whole(object_, "flags", std::numeric_limits<std::uint32_t>::max());
    comparison.metric = text(object_, "metric");
    comparison.unit = text(object_, "unit");
    comparison.extra_json = text(object_, "extra");
    for (const ComparisonNumber& one : kComparisonNumbers) comparison.*one.field = real(object_, one.key);
    const json::object& scenario = object(member(object_, "scenario"), "scenario");
    out_.scenario_.size = sizeof out_.scenario_;
    for (const ScenarioText& one : kScenarioTexts) out_.scenario_.*one.field = text(scenario, one.key);
    comparison.scenario = &out_.scenario_;
    const json::object& history = object(member(object_, "history"), "history");
    out_.history_.size = sizeof out_.history_;
    for (const HistoryNumber& one : kHistoryNumbers) out_.history_.*one.field = real(history, one.key);
    out_.history_.sessions = count(member(history, "sessions"), "sessions");
    comparison.history = &out_.history_;
    read_samples(object(member(object_, "baseline"), "baseline"), out_.baseline_);
    read_samples(object(member(object_, "head"), "head"), out_.head_);
    comparison.baseline = &out_.baseline_;
    comparison.head = &out_.head_;
  }
  void read_verdict(const json::object& object_, ktstr_verdict& verdict) {
    verdict.size = sizeof verdict;
    verdict.outcome = whole(object_, "outcome", KTSTR_INCONCLUSIVE);
    verdict.flags = whole(object_, "flags", std::numeric_limits<std::uint32_t>::max());
    for (const VerdictNumber& one : kVerdictNumbers) verdict.*one.field = real(object_, one.key);
    const std::string line = copy(text(object_, "text"));
    std::memcpy(verdict.text, line.data(), std::min(line.size(), sizeof verdict.text - 1));
  }
  void read_opinion(const json::object& object_) {
    ktstr_verdict& verdict = out_.opinion_verdicts_.emplace_back();
    read_verdict(object(member(object_, "verdict"), "verdict"), verdict);
    out_.opinions_.push_back({sizeof(ktstr_gate_opinion), 0, text(object_, "gate"), &verdict});
  }

  StoredRow& out_;
  std::string where_, problem_;
};

Result<std::unique_ptr<StoredRow>> StoredRow::parse(std::string_view text, const std::string& where) {
  auto value = parse_json(text, where);
  if (!value) return value.error();
  auto row = std::make_unique<StoredRow>();
  row->source_ = std::move(*value);
  if (const Status read = RowReader(*row, where).read(row->source_); !read) return read.error();
  return row;
}

std::string report_document_text(const ReportDocument& document) {
  std::string text = to_text(json::object{{"schema_version", kSchemaVersion},
                                          {"flags", document.flags},
                                          {"begin", kit::read_json(document.begin_json, "report")},
                                          {"exit_code", document.exit_code},
                                          {"end", kit::read_json(document.end_json, "report")}},
                             0);
  text.pop_back();  // the brace
  text += ",\"rows\":[";
  for (const std::string& row : document.rows) text += (&row == &document.rows.front() ? "" : ",") + row;
  return text + "]}\n";
}

Result<ReportDocument> parse_report_document(std::string_view text, const std::string& file) {
  const auto parsed = parse_json(text, file);
  if (!parsed) return plugin_error(parsed.error().message);
  const json::object* object = parsed->if_object();
  const auto wrong = [&](const std::string& what) { return plugin_error(file + ": " + what); };
  if (object == nullptr) return wrong("expected an object, found " + kind_name(*parsed));
  const json::value* version = object->if_contains("schema_version");
  if (version == nullptr || !version->is_int64()) return wrong("schema_version is missing or no number");
  if (version->get_int64() != kSchemaVersion)
    return wrong("schema_version " + std::to_string(version->get_int64()) + " is of another ktstr");
  ReportDocument document;
  for (const auto& [key, field] : {std::pair{"begin", &document.begin_json}, {"end", &document.end_json}}) {
    const json::value* value = object->if_contains(key);
    if (value == nullptr || !value->is_object()) return wrong(std::string(key) + " is missing or no object");
    *field = to_text(*value, 0);
  }
  const json::value* rows = object->if_contains("rows");
  if (rows == nullptr || !rows->is_array()) return wrong("rows is missing or no array");
  for (const json::value& row : rows->get_array()) document.rows.push_back(to_text(row, 0));
  const json::value* flags = object->if_contains("flags");
  if (flags != nullptr && flags->is_int64() && (flags->get_int64() & KTSTR_REPORT_ALL) != 0)
    document.flags = KTSTR_REPORT_ALL;
  const json::value* code = object->if_contains("exit_code");
  if (code == nullptr || !code->is_int64() || code->get_int64() < 0 || code->get_int64() > 255)
    return wrong("exit_code is missing or no exit code");
  document.exit_code = static_cast<int>(code->get_int64());
  return document;
}

}  // namespace ktstr
