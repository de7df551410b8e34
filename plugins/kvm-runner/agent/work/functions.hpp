// SPDX-License-Identifier: Apache-2.0
//
// The functions of the work types, by file. functions.cpp says which name has which.
#pragma once
#include "agent/work.hpp"

namespace ktstr::agent {

// basic.cpp
void spin_wait(WorkContext& context);
void spin_and_yield(WorkContext& context);
void bursty(WorkContext& context);
// compute.cpp
void alu_hot(WorkContext& context);
void smt_sibling_spin(WorkContext& context);
// memory.cpp
void cache_pressure(WorkContext& context);
void cache_yield(WorkContext& context);
void cache_pipe(WorkContext& context);
void page_fault_churn(WorkContext& context);
void ipc_variance(WorkContext& context);
// io.cpp
void io_sync_write(WorkContext& context);
void io_rand_read(WorkContext& context);
void io_convoy(WorkContext& context);
// partners.cpp
void pipe_io(WorkContext& context);
void futex_ping_pong(WorkContext& context);
void futex_fan_out(WorkContext& context);
// wakers.cpp
void fan_out_compute(WorkContext& context);
void wake_chain(WorkContext& context);
void asymmetric_waker(WorkContext& context);
void epoll_storm(WorkContext& context);
void thundering_herd(WorkContext& context);
// network.cpp
void net_traffic(WorkContext& context);
// timers.cpp
void idle_churn(WorkContext& context);
void timer_latency(WorkContext& context);
void irq_wake(WorkContext& context);
// churn.cpp
void fork_exit(WorkContext& context);
void nice_sweep(WorkContext& context);
void affinity_churn(WorkContext& context);
void cross_affinity_churn(WorkContext& context);
void policy_churn(WorkContext& context);
// numa.cpp
void numa_migration_churn(WorkContext& context);
void numa_working_set_sweep(WorkContext& context);
// cgroup_churn.cpp
void cgroup_churn(WorkContext& context);
void cgroup_attach_storm(WorkContext& context);
// locking.cpp
void mutex_contention(WorkContext& context);
void priority_inversion(WorkContext& context);
// storms.cpp
void signal_storm(WorkContext& context);
void preempt_storm(WorkContext& context);
void rt_starvation(WorkContext& context);
// queue.cpp
void producer_consumer_imbalance(WorkContext& context);
// schbench.cpp, taobench.cpp
void schbench(WorkContext& context);
void taobench(WorkContext& context);
// sequence.cpp
void sequence(WorkContext& context);

}  // namespace ktstr::agent
