// SPDX-License-Identifier: Apache-2.0
#include "report/report_document.hpp"

#include <cmath>
#include <cstring>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json_writer.hpp>
#include <ktstr/kit/text.hpp>
#include <limits>
#include <memory>

namespace ktstr {
namespace {

constexpr std::uint64_t kSchemaVersion = 1;

std::string_view view(ktstr_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}

/// What JSON has no number for is a text.
void put_number(JsonWriter& out, double value) {
  if (std::isfinite(value)) {
    out.value(value);
  } else {
    out.value(number_text(value));
  }
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

void put_verdict(JsonWriter& out, const ktstr_verdict& verdict) {
  out.begin_object().member("outcome", verdict.outcome).member("flags", verdict.flags);
  for (const VerdictNumber& one : kVerdictNumbers) put_number(out.key(one.key), verdict.*one.field);
  out.member("text", std::string_view(verdict.text, ::strnlen(verdict.text, sizeof verdict.text)));
  out.end_object();
}

void put_counters(JsonWriter& out, const char* name, const std::uint64_t* counters, std::uint64_t count) {
  if (counters == nullptr) {
    out.null_member(name);
    return;
  }
  out.key(name).begin_array();
  for (std::uint64_t i = 0; i < count; ++i) out.value(counters[i]);
  out.end_array();
}

void put_samples(JsonWriter& out, const ktstr_samples& samples) {
  out.begin_object().key("values").begin_array();
  for (std::uint64_t i = 0; i < samples.count; ++i) put_number(out, samples.values[i]);
  out.end_array();
  put_counters(out, "blocks", samples.blocks, samples.count);
  put_counters(out, "seeds", samples.seeds, samples.count);
  out.end_object();
}

void put_comparison(JsonWriter& out, const ktstr_comparison& comparison) {
  out.begin_object().key("scenario").begin_object();
  for (const ScenarioText& one : kScenarioTexts) out.member(one.key, view(comparison.scenario->*one.field));
  out.end_object();
  out.member("metric", view(comparison.metric)).member("unit", view(comparison.unit));
  out.member("polarity", comparison.polarity).member("metric_class", comparison.metric_class);
  out.member("flags", comparison.flags);
  put_samples(out.key("baseline"), *comparison.baseline);
  put_samples(out.key("head"), *comparison.head);
  out.key("history").begin_object().member("sessions", comparison.history->sessions);
  for (const HistoryNumber& one : kHistoryNumbers)
    put_number(out.key(one.key), comparison.history->*one.field);
  out.end_object().member("extra", view(comparison.extra_json));
  for (const ComparisonNumber& one : kComparisonNumbers) put_number(out.key(one.key), comparison.*one.field);
  out.end_object();
}

/// `text` is a JSON object of ours.
void append_object(std::string& out, std::string_view key, std::string_view text) {
  KTSTR_ASSERT(text.starts_with('{') && text.ends_with('}'));
  out += (out.ends_with('{') ? "\"" : ",\"") + std::string(key) + "\":";
  out += text;
}

}  // namespace

std::string report_row_text(const ktstr_report_row& row) {
  JsonWriter out(0);
  out.begin_object().member("outcome", row.outcome).member("flags", row.flags);
  out.member("extra", view(row.extra_json));
  if (row.comparison != nullptr) put_comparison(out.key("comparison"), *row.comparison);
  if (row.verdict != nullptr) put_verdict(out.key("verdict"), *row.verdict);
  out.key("opinions").begin_array();
  for (std::uint64_t i = 0; i < row.opinion_count; ++i) {
    out.begin_object().member("gate", view(row.opinions[i]->gate));
    put_verdict(out.key("verdict"), *row.opinions[i]->verdict);
    out.end_object();
  }
  return std::move(out.end_array().end_object()).finish();
}

/// Fills a StoredRow; throws Mistake. A code or flags that this version does not know must not reach a
/// reporter.
class RowReader {
 public:
  explicit RowReader(StoredRow& out) : out_(out) {}

  void read(const Located& located) {
    const OpenObject row(located, true);
    out_.row_.size = sizeof out_.row_;
    out_.row_.outcome = whole(row, "outcome", KTSTR_INCONCLUSIVE);
    out_.row_.flags = whole(row, "flags", std::numeric_limits<std::uint32_t>::max());
    out_.row_.extra_json = text(row, "extra");
    read_comparison(OpenObject(row.get("comparison")));
    read_verdict(OpenObject(row.get("verdict")), out_.verdict_);
    for (const Located& opinion : row.get("opinions").items()) read_opinion(OpenObject(opinion));
    for (const ktstr_gate_opinion& opinion : out_.opinions_) out_.pointers_.push_back(&opinion);
    out_.row_.comparison = &out_.comparison_;
    out_.row_.verdict = &out_.verdict_;
    out_.row_.opinions = out_.pointers_.data();
    out_.row_.opinion_count = out_.pointers_.size();
    KTSTR_ASSERT(out_.pointers_.size() == out_.opinion_verdicts_.size());
  }

 private:
  ktstr_str text(const OpenObject& parent, const char* key) {
    const std::string& kept = out_.texts_.emplace_back(parent.get(key).text());
    return {kept.data(), kept.size()};
  }
  static double real(const Located& located) {
    if (!located.value->is_string()) return located.number();
    const std::string_view name = located.value->get_string();
    if (name == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (name == "inf") return std::numeric_limits<double>::infinity();
    if (name == "-inf") return -std::numeric_limits<double>::infinity();
    wrong(located.place, "a number", *located.value);
  }
  static std::uint32_t whole(const OpenObject& parent, const char* key, std::uint32_t most) {
    return static_cast<std::uint32_t>(parent.get(key).integer(0, most));
  }

  void read_samples(const OpenObject& object, ktstr_samples& samples) {
    std::vector<double>& values = out_.numbers_.emplace_back();
    for (const Located& value : object.get("values").items()) values.push_back(real(value));
    samples = {sizeof samples, 0, values.size(), values.data(), nullptr, nullptr};
    samples.blocks = counters(object.get("blocks"), values.size());
    samples.seeds = counters(object.get("seeds"), values.size());
  }
  /// One for each value, or null.
  const std::uint64_t* counters(const Located& located, std::size_t values) {
    if (located.is_null()) return nullptr;
    std::vector<std::uint64_t>& kept = out_.counters_.emplace_back();
    for (const Located& item : located.items(values, values)) kept.push_back(item.integer(0, UINT64_MAX));
    return kept.data();
  }
  void read_comparison(const OpenObject& object) {
    ktstr_comparison& comparison = out_.comparison_;
    comparison.size = sizeof comparison;
    comparison.polarity = whole(object, "polarity", KTSTR_INFORMATIONAL);
    comparison.metric_class = whole(object, "metric_class", KTSTR_CLASS_EXTREME);
    comparison.flags = whole(object, "flags", std::numeric_limits<std::uint32_t>::max());
    comparison.metric = text(object, "metric");
    comparison.unit = text(object, "unit");
    comparison.extra_json = text(object, "extra");
    for (const ComparisonNumber& one : kComparisonNumbers) comparison.*one.field = real(object.get(one.key));
    const OpenObject scenario(object.get("scenario"));
    out_.scenario_.size = sizeof out_.scenario_;
    for (const ScenarioText& one : kScenarioTexts) out_.scenario_.*one.field = text(scenario, one.key);
    comparison.scenario = &out_.scenario_;
    const OpenObject history(object.get("history"));
    out_.history_.size = sizeof out_.history_;
    for (const HistoryNumber& one : kHistoryNumbers) out_.history_.*one.field = real(history.get(one.key));
    out_.history_.sessions = history.get("sessions").integer(0, UINT64_MAX);
    comparison.history = &out_.history_;
    read_samples(OpenObject(object.get("baseline")), out_.baseline_);
    read_samples(OpenObject(object.get("head")), out_.head_);
    comparison.baseline = &out_.baseline_;
    comparison.head = &out_.head_;
  }
  void read_verdict(const OpenObject& object, ktstr_verdict& verdict) {
    verdict.size = sizeof verdict;
    verdict.outcome = whole(object, "outcome", KTSTR_INCONCLUSIVE);
    verdict.flags = whole(object, "flags", std::numeric_limits<std::uint32_t>::max());
    for (const VerdictNumber& one : kVerdictNumbers) verdict.*one.field = real(object.get(one.key));
    const std::string line = object.get("text").text();
    std::memcpy(verdict.text, line.data(), std::min(line.size(), sizeof verdict.text - 1));
  }
  void read_opinion(const OpenObject& object) {
    ktstr_verdict& verdict = out_.opinion_verdicts_.emplace_back();
    read_verdict(OpenObject(object.get("verdict")), verdict);
    out_.opinions_.push_back({sizeof(ktstr_gate_opinion), 0, text(object, "gate"), &verdict});
  }

  StoredRow& out_;
};

Result<std::unique_ptr<StoredRow>> StoredRow::parse(std::string_view text, const std::string& where) {
  return read_document(text, where, {}, ExitCode::kPlugin, [](const Located& top) {
    auto row = std::make_unique<StoredRow>();
    RowReader(*row).read(top);
    return row;
  });
}

std::string report_document_text(const ReportDocument& document) {
  std::size_t bytes = 256 + document.begin_json.size() + document.end_json.size();
  for (const std::string& row : document.rows) bytes += row.size() + 1;
  std::string text;
  text.reserve(bytes);
  text += "{\"schema_version\":" + std::to_string(kSchemaVersion);
  text += ",\"flags\":" + std::to_string(document.flags);
  append_object(text, "begin", document.begin_json);
  text += ",\"exit_code\":" + std::to_string(document.exit_code);
  append_object(text, "end", document.end_json);
  text += ",\"rows\":[";
  for (const std::string& row : document.rows) {
    KTSTR_ASSERT(row.starts_with('{') && row.ends_with('}'));  // of report_row_text
    if (&row != &document.rows.front()) text += ',';
    text += row;
  }
  text += "]}\n";
  KTSTR_ASSERT(text.size() <= bytes);
  return text;
}

Result<ReportDocument> parse_report_document(std::string_view text, const std::string& file) {
  return read_document(text, file, {}, ExitCode::kPlugin, [](const Located& top) {
    const OpenObject object(top, true);
    if (object.get("schema_version").integer(0, UINT64_MAX) != kSchemaVersion)
      refuse(object.get("schema_version").place, "it is of another ktstr");
    ReportDocument document;
    for (const auto& [key, field] : {std::pair{"begin", &document.begin_json}, {"end", &document.end_json}}) {
      const Located& part = object.get(key);
      if (!part.value->is_object()) wrong(part.place, "an object", *part.value);
      *field = to_text(*part.value, 0);
    }
    for (const Located& row : object.get("rows").items()) document.rows.push_back(to_text(*row.value, 0));
    const Located* flags = object.find("flags");
    if (flags != nullptr && (flags->integer(0, UINT32_MAX) & KTSTR_REPORT_ALL) != 0)
      document.flags = KTSTR_REPORT_ALL;
    document.exit_code = static_cast<int>(object.get("exit_code").integer(0, 255));
    return document;
  });
}

}  // namespace ktstr
