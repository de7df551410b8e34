// SPDX-License-Identifier: Apache-2.0
#include "sidecar/sidecar.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/stats.hpp>
#include <ktstr/kit/text.hpp>

#include "sidecar/field.hpp"

namespace ktstr {
namespace {

constexpr std::int64_t kSchemaVersion = 1;
constexpr std::string_view kNewerWriter = "written by a newer ktstr";

/// Walks "monitor.event_deltas.x". What follows "ext_metrics." is one key, dots included.
const json::value* at_path(const json::object& object, std::string_view path) {
  const std::size_t dot = path.find('.');
  const json::value* value = object.if_contains({path.data(), std::min(dot, path.size())});
  if (dot == std::string_view::npos || value == nullptr) return value;
  if (!value->is_object()) return nullptr;
  const std::string_view rest = path.substr(dot + 1);
  if (path.substr(0, dot) == "ext_metrics")
    return value->get_object().if_contains({rest.data(), rest.size()});
  return at_path(value->get_object(), rest);
}

std::optional<double> finite_number(const json::value* value) {
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->to_number<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> whole_number(const json::value* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  return std::nullopt;
}

std::string optional_text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Of the kinds that a reader insists on.
bool is_of(const json::value& value, FieldKind kind) {
  return kind == FieldKind::kText   ? value.is_string()
         : kind == FieldKind::kFlag ? value.is_bool()
                                    : value.is_object();
}

std::vector<std::string> texts(const json::object& object, std::string_view key) {
  std::vector<std::string> out;
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr || !value->is_array()) return out;
  for (const json::value& element : value->get_array()) {
    if (element.is_string()) out.emplace_back(element.get_string());
  }
  return out;
}

json::value value_of(const FieldSource& source, const HostStamp& stamp) {
  if (const auto* make = std::get_if<WriteFunction>(&source)) return (*make)(stamp);
  if (const auto* value = std::get_if<json::value HostStamp::*>(&source)) return stamp.**value;
  const std::string& text = stamp.*std::get<std::string HostStamp::*>(source);
  return text.empty() ? json::value(nullptr) : json::value(text);
}

constexpr std::uint64_t kManyCpus = 1'000'000;  // more is no number of CPUs

/// Puts a value where its field's row says; what is of another type is missing.
struct Filler {
  const json::value* value;
  SidecarRecord& record;

  void operator()(std::monostate) const {}
  void operator()(ReadFunction read) const {
    if (value != nullptr) read(*value, record);
  }
  template <typename Of>
  void operator()(std::string Of::*text) const {
    if (value != nullptr && value->is_string()) record.*text = std::string(value->get_string());
  }
  void operator()(bool SidecarRecord::*flag) const {
    if (value != nullptr && value->is_bool()) record.*flag = value->get_bool();
  }
  template <typename Of>
  void operator()(std::optional<std::uint64_t> Of::*whole) const {
    record.*whole = whole_number(value);
  }
  template <typename Of>
  void operator()(std::optional<std::int64_t> Of::*count) const {
    if (const auto number = whole_number(value); number && *number <= kManyCpus)
      record.*count = static_cast<std::int64_t>(*number);
  }
};

/// Fails on a field without which a file is no sidecar.
Status read_field(const json::object& object, const SidecarField& field, SidecarRecord& record) {
  const auto [top, inner] = keys_of(field);
  if (inner.find('.') != std::string_view::npos || field.path.find('[') != std::string_view::npos)
    return Ok{};
  const json::value* value = object.if_contains({top.data(), top.size()});
  if (!inner.empty()) {
    value = value != nullptr && value->is_object()
                ? value->get_object().if_contains({inner.data(), inner.size()})
                : nullptr;
  }
  if (field.needed && (value == nullptr || !is_of(*value, field.kind))) {
    return plugin_error(record.file + ": " + std::string(field.path) + " is missing or " +
                        (field.kind == FieldKind::kText   ? "no string"
                         : field.kind == FieldKind::kFlag ? "not true or false"
                                                          : "no object"));
  }
  std::visit(Filler{value, record}, field.target);
  return Ok{};
}

void read_values(const json::object& object, const MetricRegistry& metrics, SidecarRecord& record) {
  const json::value* extra = at_path(object, "stats.ext_metrics");
  for (const Metric& metric : metrics.rows()) {
    if (metric.kind == MetricKind::kPerPhase) continue;
    auto value = metric.path.empty() ? std::nullopt : finite_number(at_path(object, metric.path));
    if (!value && extra != nullptr && extra->is_object())
      value = finite_number(extra->get_object().if_contains({metric.name.data(), metric.name.size()}));
    if (!value || (metric.has(Metric::kZeroAbsent) && *value == 0)) continue;
    record.values.emplace(metric.name, *value);
  }
  for (const Metric& metric : metrics.rows()) {
    if (!metric.is_rate() || record.values.contains(metric.name)) continue;
    const auto numerator = record.values.find(metric.numerator),
               denominator = record.values.find(metric.denominator);
    if (numerator == record.values.end() || denominator == record.values.end() || denominator->second <= 0)
      continue;
    if (const double rate = numerator->second / denominator->second; std::isfinite(rate))
      record.values.emplace(metric.name, rate);
  }
  // Few wake-ups make a tail meaningless.
  if (const auto iterations = finite_number(at_path(object, "stats.total_iterations"));
      !iterations || *iterations < 100) {
    record.values.erase("worst_wake_latency_tail_ratio");
  }
  // The oldest writers had a flag where newer ones count.
  if (!record.values.contains("stuck_count")) {
    if (const json::value* stall = at_path(object, "monitor.stall_detected");
        stall != nullptr && stall->is_bool())
      record.values["stuck_count"] = stall->get_bool() ? 1 : 0;
  }
}

/// A latency without a sample behind it is no value, and a cgroup that completed nothing is the slowest one:
/// files of older writers say 0 of the first, and skip the second.
void read_what_happened(const json::object& stats, SidecarRecord& record) {
  record.workers = whole_number(stats.if_contains("total_workers"));
  for (const auto& [key, field] :
       {std::pair{"wake_latency_samples", &record.wakeups}, {"timer_latency_samples", &record.timers}}) {
    if (const auto number = finite_number(stats.if_contains(key))) *field = *number;
  }
  record.cgroups = read_cgroups(stats);
  auto& values = record.values;
  const auto is_zero = [&](std::string_view name) {
    const auto value = values.find(name);
    return value != values.end() && value->second == 0;
  };
  const auto wakeups = whole_number(stats.if_contains("wake_latency_samples"));
  if (wakeups ? *wakeups == 0
              : is_zero("worst_p99_wake_latency_us") && is_zero("worst_median_wake_latency_us")) {
    for (const CgroupMetric& metric : cgroup_metrics()) {
      if (metric.needs != Happening::kWakeups) continue;
      if (const auto value = values.find(metric.whole); value != values.end()) values.erase(value);
    }
  }
  for (std::size_t i = 0; i < cgroup_metrics().size(); ++i) {
    if (cgroup_metrics()[i].needs != Happening::kIterations) continue;
    std::optional<double> lowest;
    for (const CgroupRecord& cgroup : record.cgroups) {
      KTSTR_ASSERT(cgroup.values.size() == cgroup_metrics().size());
      if (!std::isnan(cgroup.values[i]))
        lowest = lowest ? std::min(*lowest, cgroup.values[i]) : cgroup.values[i];
    }
    if (!lowest && record.cgroups.empty() && record.workers.value_or(0) > 0 && is_zero("total_iterations"))
      lowest = 0;
    if (lowest) values[std::string(cgroup_metrics()[i].whole)] = *lowest;
  }
}

/// As people write it, or as sidecars spell it.
std::optional<std::uint32_t> direction_of(std::string_view name) {
  if (name == "lower" || name == "LowerBetter") return KTSTR_LOWER_IS_BETTER;
  if (name == "higher" || name == "HigherBetter") return KTSTR_HIGHER_IS_BETTER;
  if (name == "informational" || name == "Informational") return KTSTR_INFORMATIONAL;
  return std::nullopt;
}

/// Values that make no sense leave the registry's in place: a typing mistake of one test must not hide the
/// others.
std::vector<DeclaredGate> declared_gates(const json::object& object) {
  std::vector<DeclaredGate> gates;
  const json::value* list = object.if_contains("perf_delta_assertions");
  if (list == nullptr || !list->is_array()) return gates;
  for (const json::value& element : list->get_array()) {
    if (!element.is_object()) continue;
    const json::object& declared = element.get_object();
    DeclaredGate gate;
    gate.metric = optional_text(declared, "metric");
    gate.direction = direction_of(optional_text(declared, "direction"));
    if (const auto percent = finite_number(declared.if_contains("max_regression_pct"));
        percent && *percent >= 0)
      gate.rel_gate = *percent / 100;
    if (const auto least = finite_number(declared.if_contains("min_abs")); least && *least >= 0)
      gate.abs_gate = *least;
    gate.phase = optional_text(declared, "phase");
    if (!gate.metric.empty()) gates.push_back(std::move(gate));
  }
  return gates;
}

std::vector<PhaseRecord> phases_of(const json::object& object, const MetricRegistry& metrics) {
  std::vector<PhaseRecord> phases;
  const json::value* list = at_path(object, "stats.phases");
  if (list == nullptr || !list->is_array()) return phases;
  for (const json::value& element : list->get_array()) {
    if (!element.is_object()) continue;
    const json::object& bucket = element.get_object();
    const auto index = whole_number(bucket.if_contains("step_index"));
    if (!index) continue;
    PhaseRecord phase{*index, optional_text(bucket, "label"), {}};
    if (phase.label.empty()) phase.label = *index == 0 ? "BASELINE" : "Step[" + std::to_string(*index) + "]";
    if (const json::value* values = bucket.if_contains("metrics"); values != nullptr && values->is_object()) {
      for (const auto& entry : values->get_object()) {
        const auto value = finite_number(&entry.value());
        if (value && metrics.find({entry.key().data(), entry.key().size()}) != nullptr)
          phase.values.emplace(std::string(entry.key()), *value);
      }
    }
    phases.push_back(std::move(phase));
  }
  std::stable_sort(phases.begin(), phases.end(),
                   [](const PhaseRecord& a, const PhaseRecord& b) { return a.index < b.index; });
  return phases;
}

}  // namespace

bool is_from_newer_writer(const Error& error) {
  return error.message.find(kNewerWriter) != std::string::npos;
}

double SidecarRecord::host_speed() const {
  if (time_source == "virtual" || !cpu_ran_ms || !cpu_waited_ms || !burst_before_us || !burst_after_us)
    return kit::kNaN;
  if (vcpus && cpu_budget && *cpu_budget < *vcpus) return kit::kNaN;
  const double burst = std::min(*burst_before_us, *burst_after_us);
  if (!(*cpu_ran_ms > 0) || !(burst > 0)) return kit::kNaN;
  return *cpu_ran_ms / (*cpu_ran_ms + *cpu_waited_ms) / burst;
}

bool is_sidecar_file(std::string_view name) {
  return name.ends_with(".json") && name.find(".ktstr.") != std::string_view::npos;
}

Result<CompletedSidecar> complete_sidecar(std::string_view runner_text, const HostStamp& stamp) {
  auto parsed = parse_json(runner_text, "the runner's sidecar");
  if (!parsed) return plugin_error(parsed.error().message);
  if (!parsed->is_object()) return plugin_error("the runner's sidecar is not an object");
  json::object& object = parsed->get_object();
  CompletedSidecar done;
  done.test = optional_text(object, "test_name");
  if (!is_test_name(done.test))
    return plugin_error("the runner's sidecar has no usable test_name (\"" + printable(done.test) + "\")");

  for (const SidecarField& field : sidecar_fields()) {
    if (field.source.index() == 0) continue;
    const json::string_view key(field.path.data(), field.path.size());
    if (stamp.elsewhere && field.by_runner) {
      if (const json::value* told = object.if_contains(key); told == nullptr || !told->is_object())
        object[key] = nullptr;
      continue;
    }
    json::value value = value_of(field.source, stamp);
    if (value.is_null() && !field.always)
      object.erase(key);
    else
      object[key] = std::move(value);
  }
  for (const auto& [key, known] :
       {std::pair{"kernel_version", &stamp.kernel_version}, {"kernel_release", &stamp.kernel_release}}) {
    if (!known->empty() && optional_text(object, key).empty()) object[key] = *known;
  }

  Variant variant;
  variant.topology = optional_text(object, "topology");
  variant.scheduler = optional_text(object, "scheduler");
  variant.work_type = optional_text(object, "work_type");
  variant.payload = optional_text(object, "payload");
  variant.has_payload = !variant.payload.empty();
  variant.sysctls = texts(object, "sysctls");
  variant.kargs = texts(object, "kargs");
  done.hash = variant_hash(variant);
  done.text = to_text(*parsed) + "\n";
  KTSTR_ASSERT(done.hash.size() == 16 && is_sidecar_file(sidecar_name(done.test, done.hash)));
  return done;
}

Result<SidecarRecord> read_sidecar(std::string_view text, const std::string& file,
                                   const MetricRegistry& metrics) {
  const auto parsed = parse_json(text, file);
  if (!parsed) return plugin_error(parsed.error().message);
  if (!parsed->is_object())
    return plugin_error(file + ": a sidecar must be an object, found " + kind_name(*parsed));
  const json::object& object = parsed->get_object();
  if (const json::value* version = object.if_contains("schema_version");
      version != nullptr && version->is_int64() && version->get_int64() > kSchemaVersion) {
    return plugin_error(file + ": " + std::string(kNewerWriter) + " (schema " +
                        std::to_string(version->get_int64()) + ", this one reads " +
                        std::to_string(kSchemaVersion) + ")");
  }
  SidecarRecord record;
  record.file = file;
  for (const SidecarField& field : sidecar_fields()) {
    if (const Status read = read_field(object, field, record); !read) return read.error();
  }
  record.kernel = kernel_id(record.kernel_version, record.kernel_label);
  if (const json::value* host = object.if_contains("host"); host != nullptr && host->is_object()) {
    record.host_identity = host_identity(host->get_object());
  }
  record.host_readings = host_readings_of(object);

  read_values(object, metrics, record);
  read_what_happened(object.at("stats").get_object(), record);
  if (const auto twice = name_that_is_twice(record.cgroups)) {
    return plugin_error(file + ": stats.cgroups has two cgroups named \"" + printable(*twice) + "\"");
  }
  record.declared = declared_gates(object);
  record.phases = phases_of(object, metrics);
  KTSTR_ASSERT(std::all_of(record.values.begin(), record.values.end(),
                           [](const auto& value) { return std::isfinite(value.second); }));
  return record;
}

}  // namespace ktstr
