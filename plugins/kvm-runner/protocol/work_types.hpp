// SPDX-License-Identifier: Apache-2.0
//
// The table of work types: manifests, their schema, docs/tests.md and the agent are made from it. A new one
// is a row here, its parameters in work_parameters.hpp and a function in agent/work/.
#pragma once
#include <cstdint>
#include <string_view>

#include "protocol/work_parameters.hpp"
#include "protocol/work_type.hpp"

namespace ktstr::kvm {

/// What a Taobench cache has before its objects: what each client asks for.
inline constexpr std::uint64_t kRequestCells = kLargestGroup;

namespace detail {

inline std::uint64_t queue_cells(const WorkType& type, const Values& values) {
  return static_cast<std::uint64_t>(number_of(type.parameters, values, "depth"));
}
inline std::uint64_t cache_cells(const WorkType& type, const Values& values) {
  const auto of = [&](std::string_view name) {
    return static_cast<std::uint64_t>(number_of(type.parameters, values, name));
  };
  return kRequestCells + of("items") * (1 + (of("value_bytes") + 7) / 8);
}
/// A count of requests for each member, and a message.
inline std::uint64_t schbench_cells(const WorkType& type, const Values& values) {
  const auto bytes = static_cast<std::uint64_t>(number_of(type.parameters, values, "pipe_bytes"));
  return kLargestGroup * (1 + (bytes + 7) / 8);
}

}  // namespace detail

inline constexpr WorkType kWorkTypes[] = {
    // Alone on a CPU.
    {"SpinWait", "spins without pause", parameters::kSpinWait},
    {"YieldHeavy", "a little work, then sched_yield", parameters::kYieldHeavy},
    {"Mixed", "a spin burst, then sched_yield", parameters::kMixed},
    WorkType{"Bursty", "busy, then asleep", parameters::kBursty}.measuring("wake"),
    WorkType{"IdleChurn", "a short time busy, a short time asleep, so that its CPU goes idle again and again",
             parameters::kIdleChurn}
        .measuring("wake"),
    {"AluHot", "eight independent chains of arithmetic, without pause", parameters::kAluHot},
    WorkType{
        "SmtSiblingSpin",
        "spins with pause instructions, each of a pair bound to one sibling of a core; unbound where no core "
        "has two usable siblings"}
        .in_groups_of(2),
    {"IpcVariance", "arithmetic, then cache misses, in turn", parameters::kIpcVariance},
    // Memory.
    {"CachePressure", "reads and writes a private buffer in strides", parameters::kCachePressure},
    {"CacheYield", "once through a private buffer, then sched_yield", parameters::kCachePressure},
    WorkType{"CachePipe",
             "a burst, once through a private buffer, then a byte through a pipe to the partner and back",
             parameters::kCachePipe}
        .in_groups_of(2)
        .over_pipes()
        .measuring("wake"),
    WorkType{"PageFaultChurn", "writes to random pages of a region, gives them back, again and again",
             parameters::kPageFaultChurn}
        .counting({"faults"}),
    // Files. The guest has no disk: they lie in memory.
    WorkType{"IoSyncWrite", "writes a file and syncs it, then sleeps; the file lies in memory",
             parameters::kIoSyncWrite}
        .measuring("sync"),
    WorkType{"IoRandRead", "reads random blocks of 4 KiB of a file in memory", parameters::kIoRandRead}
        .measuring("read"),
    WorkType{"IoConvoy", "writes a file in sequence, reads random blocks between, and syncs now and then",
             parameters::kIoConvoy}
        .measuring("sync"),
    // One wakes another.
    WorkType{"PipeIo", "a burst, then a byte through a pipe to the partner and back", parameters::kBurst1024}
        .in_groups_of(2)
        .over_pipes()
        .measuring("wake"),
    WorkType{"FutexPingPong", "a burst, then wakes the partner by futex and waits", parameters::kBurst1024}
        .in_groups_of(2)
        .measuring("wake"),
    WorkType{"FutexFanOut", "one messenger wakes fan_out receivers by futex and waits for all",
             parameters::kFutexFanOut}
        .in_groups_of(1, "fan_out")
        .with_messenger()
        .measuring("wake"),
    WorkType{"FanOutCompute",
             "one messenger wakes fan_out receivers and waits for all; each thinks and multiplies matrices",
             parameters::kFanOutCompute}
        .in_groups_of(1, "fan_out")
        .with_messenger()
        .measuring("wake"),
    WorkType{"WakeChain", "one wakes the next, the last the first; who is woken does a burst",
             parameters::kWakeChain}
        .in_groups_of(0, "depth")
        .over_pipes()
        .measuring("wake"),
    WorkType{"AsymmetricWaker", "a burst, then wakes a partner of another policy and waits for its answer",
             parameters::kAsymmetricWaker}
        .in_groups_of(2)
        .measuring("wake")
        .counting({"refused"})
        .that_renices(),
    WorkType{"EpollStorm",
             "producers write bursts of events to an eventfd, each wakes one consumer out of epoll",
             parameters::kEpollStorm}
        .in_groups_of(0, "producers", "consumers")
        .over_eventfd()
        .measuring("wake")
        .counting({"sent", "received"}),
    WorkType{"ThunderingHerd", "one wakes all waiters of a futex at once, again and again",
             parameters::kThunderingHerd}
        .in_groups_of(1, "waiters")
        .with_messenger()
        .measuring("wake"),
    WorkType{"NetTraffic", "bursts of UDP messages over loopback to a partner, who answers each burst",
             parameters::kNetTraffic}
        .in_groups_of(2)
        .measuring("wake")
        .counting({"messages", "lost"}),
    // Timers.
    WorkType{"TimerLatency", "sleeps until an absolute time, measures how late it wakes",
             parameters::kTimerLatency}
        .measuring("timer"),
    WorkType{"IrqWake", "waits in read for a periodic timer, which wakes it out of its interrupt",
             parameters::kIrqWake}
        .measuring("wake")
        .counting({"missed"}),
    // What a task is changes all the time. Who may not counts it as refused.
    {"ForkExit", "forks a child that exits at once, and waits for it"},
    WorkType{"NiceSweep", "a burst at every nice value from -20 to 19"}
        .counting({"changes", "refused"})
        .that_renices(),
    WorkType{"AffinityChurn", "a burst, then binds itself to a random one of its CPUs",
             parameters::kBurst1024}
        .counting({"changes", "refused"}),
    WorkType{"CrossAffinityChurn",
             "a burst, then takes a CPU from all other workers of the set, or gives it back",
             parameters::kBurst1024}
        .in_one_group()
        .counting({"changes", "refused"}),
    WorkType{"PolicyChurn",
             "a burst under each scheduling policy in turn: normal, batch, idle, fifo, rr, and ext "
             "where the kernel has it",
             parameters::kBurst1024}
        .counting({"changes", "refused"})
        .that_renices(),
    WorkType{"NumaMigrationChurn",
             "works on a region on one NUMA node's CPUs, then on the next one's, while the memory stays; on "
             "all its "
             "CPUs where there is one node",
             parameters::kNumaMigrationChurn}
        .counting({"changes", "refused"}),
    WorkType{"NumaWorkingSetSweep",
             "works on a region that is moved from NUMA node to NUMA node; it stays where there is one node",
             parameters::kNumaWorkingSetSweep}
        .counting({"moves", "refused"}),
    WorkType{"CgroupChurn",
             "works in its cgroup, then in a new one beside it with the same CPUs and weight, and so on",
             parameters::kCgroupChurn}
        .counting({"moves", "refused"}),
    WorkType{"CgroupAttachStorm",
             "forks children that soon exit and moves each to a cgroup beside its own meanwhile",
             parameters::kCgroupAttachStorm}
        .counting({"attached", "refused"}),
    // Pathologies.
    WorkType{"MutexContention", "all workers of a group want one lock; measures how long they wait for it",
             parameters::kMutexContention}
        .in_groups_of(0, "contenders")
        .measuring("acquire"),
    WorkType{"PriorityInversion",
             "three on one CPU: a normal worker holds a lock that a SCHED_FIFO worker wants, while one of a "
             "priority "
             "between has work of its own; measures how long the highest waits for the lock",
             parameters::kPriorityInversion}
        .in_groups_of(3)
        .measuring("acquire")
        .counting({"refused"})
        .that_renices(),
    WorkType{"SignalStorm", "two send bursts of real-time signals to each other", parameters::kSignalStorm}
        .in_groups_of(2)
        .counting({"sent", "received"}),
    WorkType{"PreemptStorm", "a SCHED_FIFO worker that wakes often, and one that spins, on one CPU",
             parameters::kPreemptStorm}
        .in_groups_of(2)
        .measuring("wake")
        .counting({"preempted", "refused"})
        .that_renices(),
    WorkType{"RtStarvation", "a SCHED_FIFO worker that is mostly busy, and one that spins, on one CPU",
             parameters::kRtStarvation}
        .in_groups_of(2)
        .measuring("wake")
        .counting({"refused"})
        .that_renices(),
    WorkType{
        "ProducerConsumerImbalance",
        "producers fill a queue faster than consumers empty it; measures wake-ups and an item's time in it",
        parameters::kProducerConsumer}
        .in_groups_of(0, "producers", "consumers")
        .sharing(detail::queue_cells)
        .measuring("wake", "queue")
        .counting({"produced", "consumed"}),
    // Benchmarks.
    WorkType{"Schbench",
             "schbench: a message thread wakes workers, each thinks and multiplies matrices; measures from "
             "the wake-up "
             "to running (wake) and from there to the end of the work (request)",
             parameters::kSchbench}
        .in_groups_of(1, "fan_out")
        .as_threads()
        .with_messenger()
        .sharing(detail::schbench_cells)
        .measuring("wake", "request")
        .counting({"requests"}),
    WorkType{"Taobench",
             "TaoBench: clients read a cache, what it lacks slow workers fetch; measures from a question, or "
             "when it was due, to its answer",
             parameters::kTaobench}
        .in_groups_of(0, "clients", "slow_workers")
        .as_threads()
        .sharing(detail::cache_cells)
        .measuring("serve")
        .counting({"fast_ops", "slow_ops", "get_cmds", "get_misses"}),
    WorkType{"Sequence", "a list of actions, again and again", parameters::kSequence}
        .in_one_group()
        .measuring("timer"),
};

constexpr const WorkType* find_work_type(std::string_view name) {
  for (const WorkType& type : kWorkTypes) {
    if (type.name == name) return &type;
  }
  return nullptr;
}

}  // namespace ktstr::kvm
