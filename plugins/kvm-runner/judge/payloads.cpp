// SPDX-License-Identifier: Apache-2.0
#include "judge/payloads.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/json.hpp>
#include <ktstr/kit/text.hpp>

#include "manifest/number_pattern.hpp"

namespace ktstr::kvm {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostNumbers = 4096, kLongestPath = 200;
constexpr std::uint32_t kDeepestOutput = 32;
constexpr int kMostTries = 64;  // brackets that might begin a document

/// As few digits as tell it from every other number.
std::string short_number(double value) {
  std::array<char, 40> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return error == std::errc() ? std::string(buffer.data(), end) : std::string("?");
}

void collect(const json::value& value, const std::string& path, std::vector<PayloadValue>& numbers) {
  if (numbers.size() >= kMostNumbers || path.size() > kLongestPath) return;
  if (value.is_number()) {
    const double number = value.to_number<double>();
    if (std::isfinite(number)) numbers.push_back({path, number, {}, std::nullopt, true});
  } else if (value.is_object()) {
    for (const auto& entry : value.get_object())
      collect(entry.value(), path.empty() ? std::string(entry.key()) : path + "." + std::string(entry.key()),
              numbers);
  } else if (value.is_array()) {
    std::size_t index = 0;
    for (const json::value& item : value.get_array())
      collect(item, (path.empty() ? "" : path + ".") + std::to_string(index++), numbers);
  }
}

std::optional<json::value> parsed(std::string_view text) {
  try {
    return kit::read_json(text, "output", {.max_depth = kDeepestOutput, .max_bytes = 1 << 20});
  } catch (const Mistake&) {
    return std::nullopt;
  }
}

/// The end of the bracket that opens at `begin`; npos when it is not closed.
std::size_t closing(std::string_view text, std::size_t begin) {
  KTSTR_ASSERT(begin < text.size() && (text[begin] == '{' || text[begin] == '['));
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (quoted) {
      if (text[i] == '\\')
        ++i;
      else if (text[i] == '"')
        quoted = false;
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == '{' || text[i] == '[') {
      ++depth;
    } else if ((text[i] == '}' || text[i] == ']') && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::optional<double> value_at(const std::string& path,
                               const std::optional<std::vector<PayloadValue>>& numbers) {
  if (!numbers) return std::nullopt;
  const auto found =
      std::find_if(numbers->begin(), numbers->end(), [&](const auto& one) { return one.name == path; });
  return found == numbers->end() ? std::nullopt : std::optional(found->value);
}

std::optional<double> value_of(const ProgramMetric& metric, const PayloadRun& run,
                               const std::optional<std::vector<PayloadValue>>& numbers) {
  if (metric.regex.empty()) return value_at(metric.json, numbers);
  const auto found = last_number(metric.regex, run.output);
  return found ? found : last_number(metric.regex, run.errors);
}

std::optional<std::vector<PayloadValue>> json_of(const PayloadRun& run) {
  auto numbers = numbers_in_json(run.output);
  return numbers ? numbers : numbers_in_json(run.errors);
}

std::string last_line_of(const PayloadRun& run) {
  const std::string& text = run.errors.empty() ? run.output : run.errors;
  const std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t begin = text.rfind('\n', end);
  return printable_end(text.substr(begin == std::string::npos ? 0 : begin + 1, end - begin), 200);
}

void judge_end(const PayloadSpec& payload, const PayloadRun& run, Findings& findings) {
  if (run.stopped && !payload.exit_code) return;
  const std::int64_t wanted = payload.exit_code.value_or(0);
  if (run.exit_status && *run.exit_status == wanted) return;
  std::string line = "payload " + payload.name + ": ";
  line += run.exit_status ? "ended with status " + std::to_string(*run.exit_status)
                          : "was ended by signal " + std::to_string(run.signal.value_or(0));
  line += ", expected status " + std::to_string(wanted);
  if (const std::string last = last_line_of(run); !last.empty()) line += "; its last line: " + last;
  findings.fail(std::move(line));
}

}  // namespace

std::optional<std::vector<PayloadValue>> numbers_in_json(const std::string& text) {
  std::optional<json::value> document = parsed(text);
  std::size_t at = text.find_first_of("{[");
  for (int tries = 0; !document && at != std::string::npos && tries < kMostTries; ++tries) {
    const std::size_t end = closing(text, at);
    if (end != std::string::npos) document = parsed(std::string_view(text).substr(at, end + 1 - at));
    at = text.find_first_of("{[", at + 1);
  }
  if (!document || (!document->is_object() && !document->is_array())) return std::nullopt;
  std::vector<PayloadValue> numbers;
  collect(*document, "", numbers);
  return numbers;
}

std::optional<double> value_in_output(const ProgramMetric& metric, const std::string& output,
                                      const std::string& errors) {
  PayloadRun run;
  run.output = output;
  run.errors = errors;
  return value_of(metric, run, metric.regex.empty() ? json_of(run) : std::nullopt);
}

std::vector<PayloadValue> payload_values(const PayloadSpec& payload, const PayloadRun& run) {
  const auto numbers = json_of(run);
  if (payload.all_json) return numbers.value_or(std::vector<PayloadValue>{});
  std::vector<PayloadValue> values;
  for (const ProgramMetric& metric : payload.metrics) {
    if (const auto value = value_of(metric, run, numbers))
      values.push_back({metric.name, *value, metric.unit, metric.direction, metric.regex.empty()});
  }
  return values;
}

void judge_metric(const std::string& owner, const ProgramMetric& metric, const std::optional<double>& value,
                  Findings& findings) {
  const std::string name = owner + ": " + metric.name;
  if (!value) {
    if (metric.exists.value_or(false)) return findings.fail(name + " is not in its output (exists)");
    if (metric.min || metric.max)
      findings.doubt(name + " is not in its output, so its limits cannot be judged");
    return;
  }
  const std::string unit = metric.unit.empty() ? "" : " " + printable_start(metric.unit, 20);
  if (metric.min && *value < *metric.min)
    findings.fail(name + " is " + short_number(*value) + unit + ", at least " + short_number(*metric.min) +
                  unit + " was wanted (min)");
  if (metric.max && *value > *metric.max)
    findings.fail(name + " is " + short_number(*value) + unit + ", at most " + short_number(*metric.max) +
                  unit + " was wanted (max)");
}

void judge_payloads(const TestSpec& test, const ScenarioReport& scenario, Findings& findings) {
  for (const PayloadRun& run : scenario.payloads) {
    const PayloadSpec& payload = test.payloads.at(run.payload);
    judge_end(payload, run, findings);
    const auto numbers = json_of(run);
    if (payload.all_json && !numbers)
      findings.doubt("payload " + payload.name + ": there is no JSON in its output, so it has no metrics");
    for (const ProgramMetric& metric : payload.metrics)
      judge_metric("payload " + payload.name, metric, value_of(metric, run, numbers), findings);
  }
}

}  // namespace ktstr::kvm
