// SPDX-License-Identifier: Apache-2.0
#include "manifest/payload_reader.hpp"

#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "manifest/keys.hpp"
#include "manifest/names.hpp"
#include "manifest/number_pattern.hpp"
#include "manifest/scheduler_spec.hpp"
#include "manifest/work_reader.hpp"

namespace ktstr::kvm {
namespace {

constexpr double kHugeNumber = 1e18;

PayloadMetric parse_metric(const std::string& name, const Located& located) {
  const boost::json::value named(name);
  PayloadMetric metric;
  metric.name = parse_name({&named, located.place}, 100);
  const StrictObject object(located, keys::kPayloadMetric);
  const Located *json = object.find("json"), *regex = object.find("regex");
  if ((json == nullptr) == (regex == nullptr))
    refuse(located.place, "expected one of \"json\" and \"regex\"");
  if (json != nullptr) {
    metric.json = json->text(200);
    if (metric.json.empty()) wrong(json->place, "the dotted path of a number", *json->value);
  }
  if (regex != nullptr) {
    metric.regex = regex->text(500);
    if (const std::string problem = pattern_problem(metric.regex); !problem.empty())
      refuse(regex->place, problem, "put the number into parentheses: \"p99=([0-9.]+)\"");
  }
  if (const Located* unit = object.find("unit")) metric.unit = unit->text(20);
  if (const Located* direction = object.find("direction"))
    metric.direction = direction->one_of(keys::kDirections, "direction");
  if (const Located* min = object.find("min")) metric.min = min->number(-kHugeNumber, kHugeNumber);
  if (const Located* max = object.find("max")) metric.max = max->number(-kHugeNumber, kHugeNumber);
  if (const Located* exists = object.find("exists")) metric.must_exist = exists->boolean();
  return metric;
}

}  // namespace

PayloadSpec parse_payload(const StrictObject& object, const ScenarioTerms& terms, Payload& payload) {
  PayloadSpec spec;
  parse_program(object, spec);
  if (const Located* metrics = object.find("metrics")) {
    if (metrics->value->is_string()) {
      static constexpr std::string_view kAll[] = {"json"};
      metrics->one_of(kAll, "source of metrics");
      spec.all_json = true;
    } else {
      for (const auto& [name, metric] : metrics->members())
        spec.metrics.push_back(parse_metric(name, metric));
    }
  }
  if (const Located* code = object.find("exit_code"))
    spec.exit_code = static_cast<std::int64_t>(code->integer(0, 255));
  payload.name = spec.name;
  if (const Located* cgroup = object.find("cgroup")) payload.cgroup = parse_cgroup_reference(*cgroup, terms);
  if (const Located* start = object.find("start")) payload.at_start = start->boolean();
  payload.argv.push_back(spec.guest_program());
  payload.argv.insert(payload.argv.end(), spec.args.begin(), spec.args.end());
  KTSTR_ASSERT(payload.argv.size() == spec.args.size() + 1 && payload.argv.front().starts_with('/'));
  for (const auto& [name, value] : spec.environment) payload.environment.push_back(name + "=" + value);
  payload.attributes = parse_parameters(kTaskAttributes, object, terms, false);
  check_task_attributes(payload.attributes, object.place());
  return spec;
}

}  // namespace ktstr::kvm
