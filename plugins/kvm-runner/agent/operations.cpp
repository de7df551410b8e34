// SPDX-License-Identifier: Apache-2.0
//
// What each operation does: a function for each row of protocol/operations.hpp.
#include <signal.h>

#include <ktstr/kit/assert.hpp>

#include "agent/bpf_maps.hpp"
#include "agent/files.hpp"
#include "agent/play.hpp"
#include "agent/scheduler.hpp"

namespace ktstr::agent {
namespace {

using kvm::Operation, kvm::Values;
using OperationFunction = std::string (*)(Play&, const Operation&);

std::string start_workers(Play& play, const Operation& operation) {
  const kvm::Value* workers = operation.find("workers");
  if (workers == nullptr) return {};
  for (const std::uint32_t set : *workers->as<std::vector<std::uint32_t>>()) {
    if (std::string error = play.start_set(set); !error.empty()) return error;
    play.workers().release(set);
  }
  return {};
}

std::string add_cgroup(Play& play, const Operation& operation) {
  std::string error = play.cgroups().make(operation.cgroup("name"));
  return error.empty() ? start_workers(play, operation) : error;
}

std::string remove_cgroup(Play& play, const Operation& operation) {
  play.stop_cgroup(operation.cgroup());
  return play.cgroups().remove(operation.cgroup());
}

std::string stop_cgroup(Play& play, const Operation& operation) {
  play.stop_cgroup(operation.cgroup());
  return {};
}

std::string set_cgroup(Play& play, const Operation& operation) {
  return play.cgroups().change(operation.cgroup(), *operation.find("attributes")->as<Values>());
}

std::string clear_cpuset(Play& play, const Operation& operation) {
  return play.cgroups().clear_cpuset(operation.cgroup());
}

std::string swap_cpusets(Play& play, const Operation& operation) {
  return play.cgroups().swap_cpusets(operation.cgroup(), operation.cgroup("with"));
}

std::string set_tasks(Play& play, const Operation& operation) {
  return play.set_tasks(operation.cgroup(), *operation.find("attributes")->as<Values>());
}

std::string move_tasks(Play& play, const Operation& operation) {
  std::string error = play.cgroups().move_all(operation.cgroup(), operation.cgroup("to"));
  if (error.empty()) play.move_sets(operation.cgroup(), operation.cgroup("to"));
  return error;
}

std::string freeze(Play& play, const Operation& operation) {
  return play.cgroups().freeze(operation.cgroup(), true);
}

std::string unfreeze(Play& play, const Operation& operation) {
  for (const std::size_t set : play.sets_in(operation.cgroup())) play.workers().pause(set);
  return play.cgroups().freeze(operation.cgroup(), false);
}

std::string set_cpu_online(const Operation& operation, const char* online) {
  const std::string file = "/sys/devices/system/cpu/cpu" + std::to_string(operation.count("cpu")) + "/online";
  return write_text(file, online);
}

std::string cpu_offline(Play&, const Operation& operation) { return set_cpu_online(operation, "0"); }
std::string cpu_online(Play&, const Operation& operation) { return set_cpu_online(operation, "1"); }

std::string write(Play&, const Operation& operation) {
  return write_text(operation.text("file"), operation.text("value"));
}

std::string signal(Play& play, const Operation& operation) {
  static constexpr std::pair<std::string_view, int> kSignals[] = {
      {"STOP", SIGSTOP}, {"CONT", SIGCONT}, {"TERM", SIGTERM}, {"KILL", SIGKILL}, {"USR2", SIGUSR2}};
  const std::string name = operation.text("signal");
  for (const std::size_t set : play.sets_in(operation.cgroup())) {
    play.workers().pause(set);  // a stopped worker is not kept waiting by the scheduler
    for (const auto& [known, number] : kSignals) {
      if (known != name) continue;
      for (const auto& [pid, index] : play.workers().running(set)) ::kill(pid, number);
    }
  }
  return {};
}

std::string detach_scheduler(Play& play, const Operation&) { return play.end_scheduler(); }

/// The value of an operation's "scheduler": nothing when it is not said.
std::optional<std::size_t> scheduler_of(const Operation& operation) {
  const kvm::Value* which = operation.find("scheduler");
  return which == nullptr ? std::nullopt
                          : std::optional(static_cast<std::size_t>(*which->as<std::int64_t>()));
}

std::string attach_scheduler(Play& play, const Operation& operation) {
  return play.begin_scheduler(scheduler_of(operation));
}

std::string restart_scheduler(Play& play, const Operation&) {
  std::string error = play.end_scheduler();
  return error.empty() ? play.begin_scheduler(std::nullopt) : error;
}

std::string replace_scheduler(Play& play, const Operation& operation) {
  const std::size_t other = scheduler_of(operation).value_or(0);
  std::string error = play.end_scheduler();
  return error.empty() && other > 0 ? play.begin_scheduler(other) : error;
}

std::string run_payload(Play& play, const Operation& operation) {
  return play.start_payload(operation.count("payload"));
}

std::string wait_payload(Play& play, const Operation& operation) {
  return play.await_payload(operation.count("payload"), operation.count("timeout_ms"));
}

std::string kill_payload(Play& play, const Operation& operation) {
  play.payloads().stop(operation.count("payload"));
  return {};
}

std::string mark(Play& play, const Operation& operation) {
  play.mark(operation.text("label"));
  return {};
}

std::string bpf_map_write(Play&, const Operation& operation) {
  const BpfPlace place{operation.count("offset"), operation.count("width")};
  const std::int64_t number = operation.number("value");
  return operation.find("variable") != nullptr
             ? write_bpf_variable(operation.text("variable"), place, number)
             : write_bpf_map(operation.text("map"), operation.count("key"), place, number);
}

std::string snapshot(Play& play, const Operation& operation) {
  Snapshot taken;
  std::string error = take_snapshot(play, operation, taken);
  if (error.empty()) play.keep(std::move(taken));
  return error;
}

constexpr std::pair<std::string_view, OperationFunction> kFunctions[] = {
    {"add_cgroup", add_cgroup},
    {"remove_cgroup", remove_cgroup},
    {"stop_cgroup", stop_cgroup},
    {"set_cgroup", set_cgroup},
    {"clear_cpuset", clear_cpuset},
    {"swap_cpusets", swap_cpusets},
    {"spawn", start_workers},
    {"set_tasks", set_tasks},
    {"move_tasks", move_tasks},
    {"freeze", freeze},
    {"unfreeze", unfreeze},
    {"cpu_offline", cpu_offline},
    {"cpu_online", cpu_online},
    {"write", write},
    {"signal", signal},
    {"detach_scheduler", detach_scheduler},
    {"attach_scheduler", attach_scheduler},
    {"restart_scheduler", restart_scheduler},
    {"replace_scheduler", replace_scheduler},
    {"run_payload", run_payload},
    {"wait_payload", wait_payload},
    {"kill_payload", kill_payload},
    {"bpf_map_write", bpf_map_write},
    {"snapshot", snapshot},
    {"mark", mark},
};

}  // namespace

std::string carry_out(Play& play, const Operation& operation) {
  KTSTR_ASSERT(operation.type != nullptr && operation.values.size() == operation.type->parameters.size());
  for (const auto& [name, function] : kFunctions) {
    if (name == operation.type->name) return function(play, operation);
  }
  return "this agent does not know it";
}

bool has_operation(std::string_view name) {
  for (const auto& [known, function] : kFunctions) {
    if (known == name) return true;
  }
  return false;
}

}  // namespace ktstr::agent
