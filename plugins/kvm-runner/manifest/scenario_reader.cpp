// SPDX-License-Identifier: Apache-2.0
#include "manifest/scenario_reader.hpp"

#include <algorithm>
#include <cmath>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <set>

#include "manifest/keys.hpp"
#include "manifest/names.hpp"
#include "manifest/parameter_reader.hpp"
#include "manifest/payload_reader.hpp"
#include "manifest/work_reader.hpp"

namespace ktstr::kvm {
namespace {

constexpr std::size_t kMostCgroups = 128, kMostSets = 512, kMostSteps = 128, kMostOperations = 64,
                      kMostSnapshots = 64;
constexpr std::uint64_t kMostWorkers = 4096, kLongestMs = 3'600'000;

/// In a directory of cgroup2 the kernel's own files begin with these; a cgroup of such a name could only be
/// made in some kernels.
void refuse_kernel_file(const std::string& name, const std::string& place) {
  for (const std::string_view owner : {"cgroup", "cpu", "cpuset", "memory", "io", "pids", "hugetlb", "rdma",
                                       "misc", "dmem", "irq", "perf_event", "debug"}) {
    if (!name.starts_with(std::string(owner) + ".")) continue;
    refuse(place,
           "\"" + name + "\": names that start with \"" + std::string(owner) +
               ".\" are those of the kernel's files in a cgroup",
           "give the cgroup another name");
  }
}

/// Nobody would have what is said of workers.
void refuse_without_work(const StrictObject& object) {
  if (const Located* count = object.find("workers"))
    refuse(count->place, "workers without \"work\"", "say what they do: \"work\": {\"type\": \"SpinWait\"}");
  for (const Parameter& attribute : kTaskAttributes) {
    if (const Located* given = object.find(attribute.name))
      refuse(given->place, "\"" + std::string(attribute.name) + "\" without \"work\"",
             "it belongs to workers: say it beside their \"work\", in each object of \"groups\"");
  }
}

void check_map_write(const Operation& operation, const std::string& place) {
  const bool variable = operation.find("variable") != nullptr;
  if (variable == (operation.find("map") != nullptr))
    refuse(place, "expected either \"variable\" or \"map\"");
  if (variable && operation.count("key") != 0) refuse(place + ".key", "a variable has no keys");
  const std::uint64_t width = operation.count("width");
  if ((width & (width - 1)) != 0) refuse(place + ".width", "expected 1, 2, 4 or 8");
}

class Reader {
 public:
  Reader(const std::vector<std::uint32_t>& online, TestSpec& test)
      : terms_{test.topology, online, {}, {}, &test.others},
        in_force_(test.scheduler.has_value()),
        any_scheduler_(in_force_),
        own_(test.scheduler) {}

  Scenario read(const StrictObject& test, std::vector<PayloadSpec>& payloads);

 private:
  std::size_t add_cgroup(const StrictObject& object, bool at_start);
  std::string cgroup_name(const Located& located);
  void check_inner(std::size_t cgroup, const std::string& place) const;
  std::vector<std::uint32_t> add_workers(const StrictObject& object, std::size_t cgroup, bool at_start);
  std::uint32_t add_set(const StrictObject& object, std::size_t cgroup, bool at_start);
  Operation parse_operation(const Located& located);
  void check_operation(const Operation& operation, const std::string& place) const;
  void follow_scheduler(const Operation& operation, const std::string& place);
  void check_present(std::size_t cgroup, const std::string& place) const;
  void remove(std::size_t cgroup, const std::string& place);
  void read_steps(const Located& located, const Located* duration);
  void add_snapshot(const std::string& name, const std::string& place);
  Step parse_step(const Located& located, std::size_t index);

  ScenarioTerms terms_;
  bool in_force_, any_scheduler_;  ///< a scheduler, after the operations so far; at any time so far
  const std::optional<SchedulerSpec>& own_;
  Scenario scenario_;
  std::vector<double> hold_shares_;   ///< of the duration, by step; 0: not given as a share
  std::set<std::string> snapshots_;   ///< their names so far
  std::vector<bool> removed_;         ///< by cgroup: an operation so far has removed it
  std::size_t open_step_ = SIZE_MAX;  ///< the step that takes what is left
};

std::string Reader::cgroup_name(const Located& located) {
  const std::string name = located.text(256);
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const boost::json::value part(name.substr(begin, end - begin));
    refuse_kernel_file(parse_name({&part, located.place}, 64), located.place);
    begin = end + 1;
  }
  if (name == "root") refuse(located.place, "\"root\" is the root cgroup", "give the cgroup another name");
  if (std::find(terms_.cgroups.begin(), terms_.cgroups.end(), name) != terms_.cgroups.end())
    refuse(located.place, "\"" + name + "\" is the name of another cgroup of this test");
  const std::size_t slash = name.rfind('/');
  if (slash != std::string::npos &&
      std::find(terms_.cgroups.begin(), terms_.cgroups.end(), name.substr(0, slash)) == terms_.cgroups.end())
    refuse(located.place,
           "\"" + name.substr(0, slash) + "\", in which it lies, is no cgroup of this test so far",
           "declare the outer cgroup first");
  return name;
}

/// cgroup2 has tasks only where there are no further cgroups.
void Reader::check_inner(std::size_t cgroup, const std::string& place) const {
  if (cgroup == kRootCgroup) return;
  const std::string prefix = terms_.cgroups[cgroup] + "/";
  for (const std::string& other : terms_.cgroups) {
    if (other.starts_with(prefix))
      refuse(place,
             "cgroup \"" + terms_.cgroups[cgroup] + "\" has cgroups in it, so no workers can be in itself",
             "give the workers a cgroup of their own beside \"" + other + "\"");
  }
}

std::uint32_t Reader::add_set(const StrictObject& object, std::size_t cgroup, bool at_start) {
  WorkerSet set;
  set.cgroup = cgroup;
  set.at_start = at_start;
  set.work = parse_work(object.get("work"), terms_);
  const std::uint32_t group = set.work.workers_per_group(1);
  const Located* count = object.find("workers");
  set.workers = count != nullptr ? static_cast<std::uint32_t>(count->integer(1, 1024)) : std::max(2U, group);
  check_group(set.work, set.workers, count != nullptr ? count->place : object.place());
  set.attributes = parse_parameters(kTaskAttributes, object, terms_, false);
  check_task_attributes(set.attributes, object.place());
  KTSTR_ASSERT(set.workers > 0 && set.workers % set.work.workers_per_group(set.workers) == 0);
  if (scenario_.sets.size() >= kMostSets) refuse(object.place(), "more than 512 sets of workers in one test");
  scenario_.sets.push_back(std::move(set));
  if (scenario_.total_workers() > kMostWorkers) refuse(object.place(), "more than 4096 workers in total");
  return static_cast<std::uint32_t>(scenario_.sets.size() - 1);
}

/// "work" with "workers" and attributes, and more such objects in "groups".
std::vector<std::uint32_t> Reader::add_workers(const StrictObject& object, std::size_t cgroup,
                                               bool at_start) {
  std::vector<std::uint32_t> sets;
  if (object.find("work") != nullptr) {
    sets.push_back(add_set(object, cgroup, at_start));
  } else {
    refuse_without_work(object);
  }
  if (const Located* groups = object.find("groups")) {
    for (const Located& item : groups->items(1, 64))
      sets.push_back(add_set(StrictObject(item, keys::workers()), cgroup, at_start));
  }
  if (!sets.empty()) check_inner(cgroup, object.place());
  return sets;
}

std::size_t Reader::add_cgroup(const StrictObject& object, bool at_start) {
  const std::string name = cgroup_name(object.get("name"));
  if (scenario_.cgroups.size() >= kMostCgroups) refuse(object.place(), "more than 128 cgroups in one test");
  const std::size_t slash = name.rfind('/');
  if (slash != std::string::npos) {
    const auto parent = static_cast<std::size_t>(
        std::find(terms_.cgroups.begin(), terms_.cgroups.end(), name.substr(0, slash)) -
        terms_.cgroups.begin());
    const auto lives_there = [&](const auto& one) { return one.cgroup == parent; };
    if (std::any_of(scenario_.sets.begin(), scenario_.sets.end(), lives_there) ||
        std::any_of(scenario_.payloads.begin(), scenario_.payloads.end(), lives_there))
      refuse(object.get("name").place,
             "\"" + terms_.cgroups[parent] + "\" has workers, so no cgroup can lie in it",
             "give its workers a cgroup of their own in it");
    check_present(parent, object.get("name").place);
  }
  terms_.cgroups.push_back(name);
  removed_.push_back(false);
  scenario_.cgroups.push_back({name, at_start, parse_parameters(cgroup_parameters(), object, terms_, false)});
  KTSTR_ASSERT(scenario_.cgroups.size() == terms_.cgroups.size() && removed_.size() == terms_.cgroups.size());
  return scenario_.cgroups.size() - 1;
}

void Reader::check_present(std::size_t cgroup, const std::string& place) const {
  KTSTR_ASSERT(cgroup < removed_.size());
  if (removed_[cgroup])
    refuse(place, "cgroup \"" + terms_.cgroups[cgroup] + "\" was removed by an operation before this one");
}

/// The kernel removes the inner ones first, or nothing.
void Reader::remove(std::size_t cgroup, const std::string& place) {
  KTSTR_ASSERT(cgroup < removed_.size() && !removed_[cgroup]);
  for (std::size_t other = 0; other < terms_.cgroups.size(); ++other) {
    if (!removed_[other] && terms_.cgroups[other].starts_with(terms_.cgroups[cgroup] + "/"))
      refuse(place, "cgroup \"" + terms_.cgroups[cgroup] + "\" has \"" + terms_.cgroups[other] + "\" in it",
             "remove that one first");
  }
  removed_[cgroup] = true;
}

void Reader::add_snapshot(const std::string& name, const std::string& place) {
  if (!snapshots_.insert(name).second)
    refuse(place + ".name", "\"" + name + "\" is the name of another snapshot of this test");
  if (snapshots_.size() > kMostSnapshots) refuse(place, "more than 64 snapshots in one test");
}

void Reader::check_operation(const Operation& operation, const std::string& place) const {
  const std::string_view name = operation.type->name;
  if (name == "cpu_offline" || name == "cpu_online") {
    if (operation.count("cpu") >= terms_.topology.cpus())
      refuse(place + ".cpu", "the guest has CPUs 0 to " + std::to_string(terms_.topology.cpus() - 1));
    if (operation.count("cpu") == 0) refuse(place + ".cpu", "CPU 0 cannot be taken offline");
  }
  if (name == "write") {
    const std::string file = operation.text("file");
    const bool below = file.starts_with("/proc/sys/") || file.starts_with("/sys/");
    if (!below || file.find("/../") != std::string::npos || file.find("//") != std::string::npos)
      refuse(place + ".file", "expected a file below /proc/sys or /sys");
  }
  if (name == "bpf_map_write") check_map_write(operation, place);
  const std::string_view to = name == "move_tasks" ? "to" : name == "swap_cpusets" ? "with" : "";
  if (!to.empty() && operation.cgroup() == operation.cgroup(to))
    refuse(place, "\"cgroup\" and \"" + std::string(to) + "\" are the same");
  if (name == "move_tasks") check_inner(operation.cgroup("to"), place);
}

/// What operations on the scheduler find in force, and leave.
void Reader::follow_scheduler(const Operation& operation, const std::string& place) {
  const std::string_view name = operation.type->name;
  if (!name.ends_with("_scheduler")) return;
  const std::string verb(name.substr(0, name.find('_')));
  const Value* which = operation.find("scheduler");
  const std::size_t other = which != nullptr ? static_cast<std::size_t>(*which->as<std::int64_t>()) : 0;
  KTSTR_ASSERT(other <= terms_.schedulers->size());
  if (other > 0 && own_ && own_->name == terms_.schedulers->at(other - 1).name &&
      *own_ != terms_.schedulers->at(other - 1))
    refuse(place, "\"" + own_->name + "\" is the name of the test's own scheduler, which differs",
           "give one of them another name");
  if (which == nullptr && !any_scheduler_) refuse(place, "this test has no scheduler to " + verb);
  if (which == nullptr && verb != "attach" && !in_force_)
    refuse(place, "an operation before this one has ended the scheduler, so there is none to " + verb);
  if (verb == "attach" && in_force_)
    refuse(place, "a scheduler is in force", "detach it before, or use \"replace_scheduler\"");
  if (verb == "attach" && which != nullptr && other == 0)
    refuse(place + ".scheduler", "the kernel's own is in force where no other one is attached");
  if (verb == "replace" && other == 0 && !in_force_) refuse(place, "the kernel's own is in force already");
  in_force_ = verb == "restart" || verb == "attach" || other > 0;
  any_scheduler_ = any_scheduler_ || in_force_;
}

Operation Reader::parse_operation(const Located& located) {
  if (!located.value->is_object())
    wrong(located.place, "an operation, such as {\"op\": \"freeze\", \"cgroup\": \"web\"}", *located.value);
  const boost::json::value* name = located.value->get_object().if_contains("op");
  if (name == nullptr) refuse(located.place, "\"op\" is missing");
  Operation operation;
  operation.type =
      find_operation(Located{name, located.place + ".op"}.one_of(keys::operation_names(), "operation"));
  const std::vector<std::string_view> allowed = keys::operation(*operation.type);
  const StrictObject object(located, allowed);
  operation.values = parse_parameters(operation.type->parameters, object, terms_, true);
  KTSTR_ASSERT(operation.values.size() == operation.type->parameters.size());
  std::size_t cgroup = operation.cgroup();
  for (std::size_t i = 0; i < operation.values.size(); ++i) {
    Value& value = operation.values[i];
    switch (operation.type->parameters[i].kind) {
      case ParameterKind::kCgroup:
        if (value.set()) check_present(static_cast<std::size_t>(*value.as<std::int64_t>()), located.place);
        continue;
      case ParameterKind::kNewCgroup:
        cgroup = add_cgroup(object, false);
        value = {static_cast<std::int64_t>(cgroup)};
        break;
      case ParameterKind::kWorkers: {
        std::vector<std::uint32_t> sets = add_workers(object, cgroup, false);
        if (sets.empty() && operation.type->name == "spawn")
          refuse(located.place, "starts nobody", "give it \"work\" or \"groups\"");
        value = {std::move(sets)};
        break;
      }
      case ParameterKind::kCgroupAttributes:
        value = {parse_parameters(cgroup_parameters(), object, terms_, false)};
        break;
      case ParameterKind::kTaskAttributes:
        value = {parse_parameters(kTaskAttributes, object, terms_, false)};
        check_task_attributes(*value.as<Values>(), located.place);
        break;
      default: continue;
    }
    const auto* attributes = value.as<Values>();
    if (attributes != nullptr &&
        std::none_of(attributes->begin(), attributes->end(), [](const Value& one) { return one.set(); }))
      refuse(located.place, "changes nothing", "name at least one attribute");
  }
  check_operation(operation, located.place);
  follow_scheduler(operation, located.place);
  if (operation.type->name == "snapshot") add_snapshot(operation.text("name"), located.place);
  if (operation.type->name == "remove_cgroup") remove(cgroup, located.place);
  return operation;
}

Step Reader::parse_step(const Located& located, std::size_t index) {
  const StrictObject object(located, keys::kStep);
  Step step;
  step.label = "step " + std::to_string(index + 1);
  if (const Located* name = object.find("name")) step.label = parse_name(*name, 64);
  const Located *hold = object.find("hold_ms"), *share = object.find("hold_pct"),
                *every = object.find("every_ms");
  if (hold != nullptr && share != nullptr)
    refuse(share->place, "\"hold_ms\" and \"hold_pct\" exclude each other");
  if (hold != nullptr) step.hold_us = hold->integer(1, kLongestMs) * 1000;
  hold_shares_.push_back(share != nullptr ? share->number(0.001, 100) / 100 : 0);
  if (hold == nullptr && share == nullptr) {
    if (open_step_ != SIZE_MAX)
      refuse(located.place, "two steps say no hold", "say \"hold_ms\" or \"hold_pct\" in all steps but one");
    open_step_ = index;
  }
  if (every != nullptr) step.every_us = every->integer(1, kLongestMs) * 1000;
  if (const Located* operations = object.find("ops")) {
    for (const Located& item : operations->items(0, kMostOperations)) {
      step.operations.push_back(parse_operation(item));
      const std::string_view name = step.operations.back().type->name;
      if (every != nullptr && (name == "add_cgroup" || name == "spawn" || name == "remove_cgroup" ||
                               name == "mark" || name == "snapshot"))
        refuse(item.place, "\"" + std::string(name) + "\" cannot be done again and again (\"every_ms\")");
    }
  }
  return step;
}

/// Shares become times; the holds and the duration have to agree.
void Reader::read_steps(const Located& located, const Located* duration) {
  const std::vector<Located> items = located.items(1, kMostSteps);
  for (std::size_t i = 0; i < items.size(); ++i) scenario_.steps.push_back(parse_step(items[i], i));
  KTSTR_ASSERT(hold_shares_.size() == scenario_.steps.size());
  const bool shares =
      std::any_of(hold_shares_.begin(), hold_shares_.end(), [](double share) { return share > 0; });
  std::uint64_t fixed = 0;
  for (const Step& step : scenario_.steps) fixed += step.hold_us;
  if (duration == nullptr && !shares && open_step_ == SIZE_MAX) scenario_.duration_ms = fixed / 1000;
  if (scenario_.duration_ms > kLongestMs)
    refuse(located.place, "the steps take " + std::to_string(scenario_.duration_ms) +
                              " ms, a test may take " + std::to_string(kLongestMs) + " ms");
  const std::uint64_t whole = scenario_.duration_ms * 1000;
  std::uint64_t held = 0;
  for (std::size_t i = 0; i < scenario_.steps.size(); ++i) {
    Step& step = scenario_.steps[i];
    if (hold_shares_[i] > 0) {
      step.hold_us = static_cast<std::uint64_t>(std::llround(hold_shares_[i] * static_cast<double>(whole)));
      const bool rounded = held + step.hold_us > whole && held + step.hold_us <= whole + items.size();
      if (rounded) step.hold_us = whole - held;
    }
    held += step.hold_us;
  }
  if (held > whole)
    refuse(located.place, "the steps take " + std::to_string(held / 1000) + " ms, the test has " +
                              std::to_string(scenario_.duration_ms) + " ms (duration_ms)");
  KTSTR_ASSERT(open_step_ == SIZE_MAX || scenario_.steps[open_step_].hold_us == 0);  // not in `held`
  if (open_step_ != SIZE_MAX) scenario_.steps[open_step_].hold_us = whole - held;
}

Scenario Reader::read(const StrictObject& test, std::vector<PayloadSpec>& payloads) {
  const Located* duration = test.find("duration_ms");
  scenario_.duration_ms = duration != nullptr ? duration->integer(1, kLongestMs) : 2000;
  if (const Located* cgroups = test.find("cgroups")) {
    for (const Located& item : cgroups->items(1, kMostCgroups)) {
      const StrictObject object(item, keys::cgroup());
      const std::size_t cgroup = add_cgroup(object, true);
      add_workers(object, cgroup, true);
    }
  }
  if (const Located* root = test.find("root")) {
    for (const Located& item : root->items(1, 64))
      add_set(StrictObject(item, keys::workers()), kRootCgroup, true);
  }
  if (const Located* list = test.find("payloads")) {
    for (const Located& item : list->items(1, 32)) {
      const StrictObject object(item, keys::payload());
      Payload payload;
      payloads.push_back(parse_payload(object, terms_, payload));
      if (std::find(terms_.payloads.begin(), terms_.payloads.end(), payload.name) != terms_.payloads.end())
        refuse(object.get("name").place,
               "\"" + payload.name + "\" is the name of another payload of this test");
      check_inner(payload.cgroup, item.place);
      terms_.payloads.push_back(payload.name);
      scenario_.payloads.push_back(std::move(payload));
    }
  }
  if (const Located* steps = test.find("steps")) read_steps(*steps, duration);
  if (scenario_.sets.empty() && scenario_.payloads.empty())
    refuse(test.place(), "nothing works in this test", "give it \"cgroups\" with \"work\", or \"payloads\"");
  KTSTR_ASSERT(payloads.size() == scenario_.payloads.size() && removed_.size() == scenario_.cgroups.size());
  return std::move(scenario_);
}

}  // namespace

void parse_scenario(const StrictObject& object, const std::vector<std::uint32_t>& online, TestSpec& test) {
  test.scenario = Reader(online, test).read(object, test.payloads);
}

}  // namespace ktstr::kvm
