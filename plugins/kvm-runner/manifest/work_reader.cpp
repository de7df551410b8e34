// SPDX-License-Identifier: Apache-2.0
#include "manifest/work_reader.hpp"

#include <ktstr/kit/assert.hpp>

#include "manifest/keys.hpp"

namespace ktstr::kvm {
namespace {

bool given(const Values& attributes, std::string_view name) {
  return attributes[find_parameter(kTaskAttributes, name)].set();
}

}  // namespace

Work parse_work(const Located& located, const ScenarioTerms& terms) {
  if (!located.value->is_object())
    wrong(located.place, "an object with a type, such as {\"type\": \"SpinWait\"}", *located.value);
  const boost::json::value* name = located.value->get_object().if_contains("type");
  if (name == nullptr) refuse(located.place, "\"type\" is missing");
  Work work;
  work.type = find_work_type(Located{name, located.place + ".type"}.one_of(keys::work_types(), "work type"));
  KTSTR_ASSERT(work.type != nullptr);
  const std::vector<std::string_view> allowed = keys::work(*work.type);
  work.values = parse_parameters(work.type->parameters, StrictObject(located, allowed), terms, true);
  if (work.type->workers_per_group(work.values, 1) > kLargestGroup)
    refuse(located.place, "workers of " + std::string(work.type->name) +
                              " would work in groups of more than " + std::to_string(kLargestGroup));
  return work;
}

void check_group(const Work& work, std::uint32_t workers, const std::string& place) {
  if (work.type->group.whole_set && workers > kLargestGroup)
    refuse(place, "at most " + std::to_string(kLargestGroup) + " workers of " + std::string(work.type->name) +
                      " can work together, found " + std::to_string(workers));
  const std::uint32_t group = work.workers_per_group(workers);
  KTSTR_ASSERT(group > 0);
  if (workers % group == 0) return;
  refuse(place, "expected a multiple of " + std::to_string(group) + ", because workers of " +
                    std::string(work.type->name) + " work in groups of " + std::to_string(group) +
                    ", found " + std::to_string(workers));
}

void check_task_attributes(const Values& attributes, const std::string& place) {
  const std::string_view policy = text_of(kTaskAttributes, attributes, "policy");
  if (policy == "deadline" && (!given(attributes, "runtime_us") || !given(attributes, "period_us")))
    refuse(place, "the policy \"deadline\" needs runtime_us and period_us");
  for (const std::string_view name : {"runtime_us", "deadline_us", "period_us", "reclaim"}) {
    if (policy != "deadline" && given(attributes, name))
      refuse(place, std::string(name) + " belongs to the policy \"deadline\"");
  }
  if (policy == "deadline" && number_of(kTaskAttributes, attributes, "runtime_us") >
                                  number_of(kTaskAttributes, attributes, "period_us"))
    refuse(place, "runtime_us is longer than period_us");
  if (given(attributes, "priority") && policy != "fifo" && policy != "rr")
    refuse(place, "a priority belongs to the policies \"fifo\" and \"rr\"",
           "other policies have a \"nice\" value");
  const std::string_view memory = text_of(kTaskAttributes, attributes, "memory");
  const bool needs_nodes = !memory.empty() && memory != "default" && memory != "local";
  if (needs_nodes != given(attributes, "nodes"))
    refuse(place, needs_nodes ? "the memory policy \"" + std::string(memory) + "\" needs \"nodes\""
                              : "\"nodes\" belongs to a memory policy such as \"bind\"");
}

}  // namespace ktstr::kvm
