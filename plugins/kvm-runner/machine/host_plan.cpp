// SPDX-License-Identifier: Apache-2.0
#include "machine/host_plan.hpp"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "machine/qmp.hpp"

namespace ktstr::kvm {
namespace {

constexpr int kVcpuPriority = 1;  // the lowest of SCHED_FIFO: what the host has of its own goes before it

std::string refused(const std::string& what, int error) {
  const std::string fix = error == EPERM ? " (CAP_SYS_NICE or ulimit -r 1; see ktstr doctor)" : "";
  return "the host refused to " + what + ": " + std::strerror(error) + fix;
}

}  // namespace

std::vector<pid_t> vcpu_threads(Qmp& qmp, std::chrono::steady_clock::time_point deadline) {
  std::vector<std::pair<std::int64_t, pid_t>> by_index;
  const json::value answer = qmp.call("query-cpus-fast", {}, deadline);
  if (const auto* cpus = answer.if_array()) {
    for (const json::value& cpu : *cpus)
      by_index.emplace_back(cpu.at("cpu-index").to_number<std::int64_t>(),
                            cpu.at("thread-id").to_number<pid_t>());
  }
  std::sort(by_index.begin(), by_index.end());
  std::vector<pid_t> threads;
  for (const auto& [index, thread] : by_index) threads.push_back(thread);
  return threads;
}

std::vector<std::string> place_vcpus(Qmp& qmp, const HostPlan& plan,
                                     std::chrono::steady_clock::time_point deadline) {
  if (plan.cpus.empty()) return {};
  const std::vector<pid_t> threads = vcpu_threads(qmp, deadline);
  if (threads.size() != plan.cpus.size())
    return {"QEMU tells of " + std::to_string(threads.size()) + " vCPUs, not of " +
            std::to_string(plan.cpus.size()) + ": none is bound to a host CPU"};
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(plan.cpus[i], &one);
    if (::sched_setaffinity(threads[i], sizeof one, &one) != 0)
      problems.push_back(
          refused("bind vCPU " + std::to_string(i) + " to CPU " + std::to_string(plan.cpus[i]), errno));
    const sched_param priority{kVcpuPriority};
    if (plan.real_time && ::sched_setscheduler(threads[i], SCHED_FIFO, &priority) != 0) {
      problems.push_back(refused("run vCPUs in real-time order", errno));
      return problems;  // the others would hear the same
    }
  }
  return problems;
}

}  // namespace ktstr::kvm
