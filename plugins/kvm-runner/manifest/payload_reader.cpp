// SPDX-License-Identifier: Apache-2.0
#include "manifest/payload_reader.hpp"

#include <ktstr/kit/assert.hpp>

#include "manifest/metric_reader.hpp"
#include "manifest/scheduler_spec.hpp"
#include "manifest/work_reader.hpp"

namespace ktstr::kvm {
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
        spec.metrics.push_back(parse_payload_metric(name, metric));
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
