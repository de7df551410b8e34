// SPDX-License-Identifier: Apache-2.0
#include "manifest/parameter_reader.hpp"

#include <algorithm>
#include <ktstr/cpp/names.hpp>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>

#include "manifest/cpuset.hpp"
#include "manifest/scheduler_spec.hpp"
#include "protocol/work_actions.hpp"

namespace ktstr::kvm {
namespace {

std::int64_t parse_count(const Parameter& parameter, const Located& located) {
  KTSTR_ASSERT(parameter.min <= parameter.max);
  if (parameter.min >= 0)
    return static_cast<std::int64_t>(located.integer(static_cast<std::uint64_t>(parameter.min),
                                                     static_cast<std::uint64_t>(parameter.max)));
  const boost::json::value& value = *located.value;
  if (!value.is_int64() || value.get_int64() < parameter.min || value.get_int64() > parameter.max)
    wrong(located.place,
          "an integer from " + std::to_string(parameter.min) + " to " + std::to_string(parameter.max), value);
  return value.get_int64();
}

std::string parse_line(std::size_t longest, const Located& located) {
  std::string text = located.text(longest);
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (text.empty() || !plain) wrong(located.place, "a line of plain text", *located.value);
  return text;
}

std::vector<std::string> parse_lines(const Parameter& parameter, const Located& located) {
  std::vector<std::string> lines;
  for (const Located& item : located.items(1, static_cast<std::size_t>(parameter.max)))
    lines.push_back(parse_line(kLongestListedText, item));
  return lines;
}

std::vector<std::uint32_t> parse_nodes(const Located& located, const Topology& topology) {
  std::vector<std::uint32_t> nodes;
  for (const Located& item : located.items(1, topology.numa_nodes))
    nodes.push_back(static_cast<std::uint32_t>(item.integer(0, topology.numa_nodes - 1)));
  return nodes;
}

std::vector<Action> parse_actions(const Parameter& parameter, const Located& located) {
  static const std::vector<std::string_view> kNames = [] {
    std::vector<std::string_view> names;
    for (const WorkAction& action : kWorkActions) names.push_back(action.name);
    return names;
  }();
  std::vector<Action> actions;
  for (const Located& item : located.items(1, static_cast<std::size_t>(parameter.max))) {
    const StrictObject object(item, kNames);
    std::size_t given = 0;
    for (std::size_t i = 0; i < kWorkActions.size(); ++i) {
      const Located* amount = object.find(kWorkActions[i].name);
      if (amount == nullptr) continue;
      if (++given > 1) refuse(item.place, "holds two actions", "write each as an object of its own");
      const bool only_one = kWorkActions[i].min == 1 && kWorkActions[i].max == 1;  // {"barrier": true}
      const bool done = only_one && amount->value->is_bool() && amount->value->get_bool();
      actions.push_back({static_cast<std::uint32_t>(i),
                         done ? 1 : amount->integer(kWorkActions[i].min, kWorkActions[i].max)});
    }
    if (given == 0) wrong(item.place, "an action, such as {\"run_us\": 500}", *item.value);
  }
  return actions;
}

/// What a parameter is when nobody says it.
Value default_of(const Parameter& parameter) {
  if (parameter.kind == ParameterKind::kChoice) return {std::string(first_choice(parameter.choices))};
  if (parameter.kind == ParameterKind::kCount || parameter.kind == ParameterKind::kFlag)
    return {parameter.default_value};
  return {};
}

/// The place of a name that the test has given to something before.
std::size_t place_of(const Located& located, const std::vector<std::string>& names, const char* what) {
  const std::string name = located.text(256);
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    refuse(located.place, "\"" + printable_start(name, 80) + "\" is no " + what + " of this test so far" +
                              sdk::did_you_mean(name, names));
  return static_cast<std::size_t>(found - names.begin());
}

/// Its place among the test's other schedulers, from 1; 0: the kernel's own.
std::int64_t parse_other_scheduler(const Located& located, std::vector<SchedulerSpec>& others) {
  const std::optional<SchedulerSpec> scheduler = parse_scheduler(located);
  if (!scheduler) return 0;
  auto known = std::find_if(others.begin(), others.end(),
                            [&](const SchedulerSpec& other) { return other.name == scheduler->name; });
  if (known == others.end()) known = others.insert(others.end(), *scheduler);
  if (*known != *scheduler)
    refuse(located.place,
           "\"" + scheduler->name + "\" is the name of another scheduler of this test, which differs",
           "declare it once in \"schedulers\" and name it, or give one of them another name");
  return known - others.begin() + 1;
}

bool made_of_the_object(ParameterKind kind) {
  return kind == ParameterKind::kNewCgroup || kind == ParameterKind::kWorkers ||
         kind == ParameterKind::kCgroupAttributes || kind == ParameterKind::kTaskAttributes;
}

}  // namespace

std::vector<std::string_view> split_choices(std::string_view choices) {
  KTSTR_ASSERT(!choices.empty());
  std::vector<std::string_view> names;
  for (std::size_t begin = 0; begin <= choices.size();) {
    const std::size_t end = std::min(choices.find('|', begin), choices.size());
    names.push_back(choices.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::size_t parse_cgroup_reference(const Located& located, const ScenarioTerms& terms) {
  return place_of(located, terms.cgroups, "cgroup");
}

Value parse_parameter(const Parameter& parameter, const Located& located, const ScenarioTerms& terms) {
  switch (parameter.kind) {
    case ParameterKind::kCount: return {parse_count(parameter, located)};
    case ParameterKind::kFlag: return {static_cast<std::int64_t>(located.boolean())};
    case ParameterKind::kText: return {parse_line(static_cast<std::size_t>(parameter.max), located)};
    case ParameterKind::kTexts: return {parse_lines(parameter, located)};
    case ParameterKind::kChoice: return {located.one_of(split_choices(parameter.choices), parameter.name)};
    case ParameterKind::kCgroup: return {static_cast<std::int64_t>(parse_cgroup_reference(located, terms))};
    case ParameterKind::kPayload:
      return {static_cast<std::int64_t>(place_of(located, terms.payloads, "payload"))};
    case ParameterKind::kScheduler:
      KTSTR_ASSERT(terms.schedulers != nullptr);
      return {parse_other_scheduler(located, *terms.schedulers)};
    case ParameterKind::kCpus: return {parse_cpuset(located, terms.topology, terms.online)};
    case ParameterKind::kNodes: return {parse_nodes(located, terms.topology)};
    case ParameterKind::kActions: return {parse_actions(parameter, located)};
    case ParameterKind::kNewCgroup:
    case ParameterKind::kWorkers:
    case ParameterKind::kCgroupAttributes:
    case ParameterKind::kTaskAttributes: break;
  }
  KTSTR_ASSERT(false);
  return {};
}

Values parse_parameters(std::span<const Parameter> parameters, const StrictObject& object,
                        const ScenarioTerms& terms, bool defaults) {
  Values values(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    if (made_of_the_object(parameter.kind)) continue;
    const Located* given = parameter.optional ? object.find(parameter.name) : &object.get(parameter.name);
    if (given != nullptr) {
      values[i] = parse_parameter(parameter, *given, terms);
      KTSTR_ASSERT(values[i].set());
    } else if (defaults) {
      values[i] = default_of(parameter);
    }
  }
  return values;
}

const std::vector<Parameter>& cgroup_parameters() {
  static const std::vector<Parameter> kParameters = [] {
    std::vector<Parameter> list;
    for (const CgroupAttribute& row : kCgroupAttributes) list.push_back(row.parameter);
    return list;
  }();
  return kParameters;
}

}  // namespace ktstr::kvm
