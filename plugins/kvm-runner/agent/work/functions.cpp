// SPDX-License-Identifier: Apache-2.0
#include "agent/work/functions.hpp"

#include <utility>

namespace ktstr::agent {
namespace {

constexpr std::pair<std::string_view, WorkFunction> kFunctions[] = {
    {"SpinWait", spin_wait},
    {"YieldHeavy", spin_and_yield},  // YieldHeavy and Mixed differ in their default burst
    {"Mixed", spin_and_yield},
    {"Bursty", bursty},
    {"AluHot", alu_hot},
    {"SmtSiblingSpin", smt_sibling_spin},
    {"CachePressure", cache_pressure},
    {"CacheYield", cache_yield},
    {"CachePipe", cache_pipe},
    {"PageFaultChurn", page_fault_churn},
    {"IpcVariance", ipc_variance},
    {"IoSyncWrite", io_sync_write},
    {"IoRandRead", io_rand_read},
    {"IoConvoy", io_convoy},
    {"PipeIo", pipe_io},
    {"FutexPingPong", futex_ping_pong},
    {"FutexFanOut", futex_fan_out},
    {"FanOutCompute", fan_out_compute},
    {"WakeChain", wake_chain},
    {"AsymmetricWaker", asymmetric_waker},
    {"EpollStorm", epoll_storm},
    {"ThunderingHerd", thundering_herd},
    {"NetTraffic", net_traffic},
    {"IdleChurn", idle_churn},
    {"TimerLatency", timer_latency},
    {"IrqWake", irq_wake},
    {"ForkExit", fork_exit},
    {"NiceSweep", nice_sweep},
    {"AffinityChurn", affinity_churn},
    {"CrossAffinityChurn", cross_affinity_churn},
    {"PolicyChurn", policy_churn},
    {"NumaMigrationChurn", numa_migration_churn},
    {"NumaWorkingSetSweep", numa_working_set_sweep},
    {"CgroupChurn", cgroup_churn},
    {"CgroupAttachStorm", cgroup_attach_storm},
    {"MutexContention", mutex_contention},
    {"PriorityInversion", priority_inversion},
    {"SignalStorm", signal_storm},
    {"PreemptStorm", preempt_storm},
    {"RtStarvation", rt_starvation},
    {"ProducerConsumerImbalance", producer_consumer_imbalance},
    {"Schbench", schbench},
    {"Taobench", taobench},
    {"Sequence", sequence},
};

}  // namespace

WorkFunction work_function(std::string_view type) {
  for (const auto& [name, function] : kFunctions) {
    if (name == type) return function;
  }
  return nullptr;
}

}  // namespace ktstr::agent
