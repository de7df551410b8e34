// SPDX-License-Identifier: Apache-2.0
#include "manifest/work_spec.hpp"

#include "protocol/work_types.hpp"

namespace ktstr::kvm {

std::vector<std::string_view> work_type_names() {
  std::vector<std::string_view> names;
  for (const WorkType& type : kWorkTypes) names.push_back(type.name);
  return names;
}

std::vector<std::string_view> work_parameter_names(std::string_view name) {
  std::vector<std::string_view> names;
  const WorkType* type = find_work_type(name);
  for (std::size_t i = 0; type != nullptr && i < type->parameters.size(); ++i) {
    if (!type->parameters[i].name.empty()) names.push_back(type->parameters[i].name);
  }
  return names;
}

WorkSpec parse_work(const Located& work, std::uint32_t workers, const std::string& workers_place) {
  if (!work.value->is_object())
    wrong(work.place, "an object with a type, such as {\"type\": \"SpinWait\"}", *work.value);
  const boost::json::value* name = work.value->get_object().if_contains("type");
  if (name == nullptr) refuse(work.place, "\"type\" is missing");
  WorkSpec spec;
  spec.type = Located{name, work.place + ".type"}.one_of(work_type_names(), "work type");
  std::vector<std::string_view> keys = work_parameter_names(spec.type);
  keys.push_back("type");
  const StrictObject object(work, keys);
  const WorkType& type = *find_work_type(spec.type);
  std::uint64_t fan_out = 0;
  for (const WorkParameter& parameter : type.parameters) {
    if (parameter.name.empty()) continue;
    const Located* given = object.find(parameter.name);
    const std::uint64_t value =
        given != nullptr ? given->integer(parameter.min, parameter.max) : parameter.default_value;
    if (parameter.name == "fan_out") fan_out = value;
    spec.parameters.emplace_back(parameter.name, value);
  }
  const std::uint32_t group = type.workers_per_group(fan_out);
  if (workers % group != 0) {
    refuse(workers_place, "expected a multiple of " + std::to_string(group) + ", because workers of " +
                              spec.type + " work in groups of " + std::to_string(group) + ", found " +
                              std::to_string(workers));
  }
  return spec;
}

}  // namespace ktstr::kvm
