// SPDX-License-Identifier: Apache-2.0
//
// The table of metrics: the registry, the sidecar's reader and schema and docs/metrics.md are made from it.
// Columns: name, family, how a run's value comes about, polarity, class, absolute gate, relative gate, unit,
// how runs fold, place in the sidecar (empty: stats.ext_metrics.NAME), flags, meaning. A rate or another
// ratio goes on with what it divides, and the worst cgroup's with what each cgroup's own figure is called,
// where stats.cgroups[] has it, what has to happen before it says anything, and its meaning.
#include "metrics/metric.hpp"

namespace ktstr {
namespace {

using enum Happening;
using Kind = MetricKind;
constexpr std::uint32_t L = KTSTR_LOWER_IS_BETTER, H = KTSTR_HIGHER_IS_BETTER, I = KTSTR_INFORMATIONAL;
constexpr std::uint32_t ratio = KTSTR_CLASS_RATIO, count = KTSTR_CLASS_COUNT, extreme = KTSTR_CLASS_EXTREME;
constexpr Fold mean = Fold::kMean, peak = Fold::kMax, pooled = Fold::kPooled;
constexpr unsigned yes = Metric::kAvailable, no = 0;  // whether the shipped runner measures it
constexpr unsigned whole = Metric::kWhole, zero_absent = Metric::kZeroAbsent, component = Metric::kComponent;

// The gates of counts are near-idle guards (2); latencies and ratios keep a floor below which nobody cares.
constexpr Metric kMetrics[] = {
    // What workers saw.
    Metric{"worst_spread", "fairness", Kind::kGaugeMax, L, ratio, 5, 0.25, "%", mean, "stats.worst_spread",
           yes, "largest difference in off-CPU time between workers of one cgroup"}
        .in_cgroup("spread", "spread", kAlways,
                   "largest difference in off-CPU time between the cgroup's workers"),
    Metric{"worst_gap_ms", "gap", Kind::kGaugeMax, L, extreme, 500, 0.50, "ms", mean, "stats.worst_gap_ms",
           yes | whole, "longest time that a worker was not running although it wanted to"}
        .in_cgroup("max_gap_ms", "max_gap_ms", kAlways,
                   "longest time that one of its workers was not running although it wanted to"),
    {"total_migrations", "migrations", Kind::kCounter, L, count, 2, 0.30, "", mean, "stats.total_migrations",
     yes, "moves of workers between CPUs"},
    Metric{"worst_migration_ratio", "migrations", Kind::kWorstRatio, L, ratio, 0.05, 0.20, "", mean,
           "stats.worst_migration_ratio", yes, "migrations per iteration, worst cgroup"}
        .over("total_migrations", "total_iterations")
        .in_cgroup("migration_ratio", "migration_ratio", kAlways, "migrations per iteration"),
    Metric{"worst_p99_wake_latency_us", "wake latency", Kind::kDistribution, L, ratio, 50, 0.25, "us", mean,
           "stats.worst_p99_wake_latency_us", yes, "99th percentile of wake-up latency, worst cgroup"}
        .in_cgroup("p99_wake_latency_us", "p99_wake_latency_us", kWakeups,
                   "99th percentile of wake-up latency"),
    Metric{"worst_median_wake_latency_us", "wake latency", Kind::kDistribution, L, ratio, 20, 0.25, "us",
           mean, "stats.worst_median_wake_latency_us", yes, "median wake-up latency, worst cgroup"}
        .in_cgroup("median_wake_latency_us", "median_wake_latency_us", kWakeups, "median wake-up latency"),
    Metric{"worst_wake_latency_cv", "wake latency", Kind::kDistribution, L, ratio, 0.1, 0.25, "", mean,
           "stats.worst_wake_latency_cv", yes,
           "standard deviation over mean of wake-up latency, worst cgroup"}
        .over("worst_p99_wake_latency_us", "worst_median_wake_latency_us")
        .in_cgroup("wake_latency_cv", "wake_latency_cv", kWakeups,
                   "standard deviation over mean of wake-up latency"),
    Metric{"worst_wake_latency_tail_ratio", "wake latency", Kind::kWorstRatio, L, ratio, 0.5, 0.25, "x", mean,
           "stats.worst_wake_latency_tail_ratio", yes | zero_absent,
           "99th percentile over median of wake-up latency; needs 100 iterations"}
        .over("worst_p99_wake_latency_us", "worst_median_wake_latency_us")
        .in_cgroup("wake_latency_tail_ratio", "wake_latency_tail_ratio", kWakeups,
                   "99th percentile over median of wake-up latency; needs 100 iterations"),
    {"total_iterations", "throughput", Kind::kCounter, H, count, 2, 0.10, "", mean, "stats.total_iterations",
     yes, "work loops completed by all workers"},
    Metric{"worst_mean_run_delay_us", "run delay", Kind::kDistribution, L, ratio, 50, 0.25, "us", mean,
           "stats.worst_mean_run_delay_us", yes, "mean time that workers waited on a run queue, worst cgroup"}
        .in_cgroup("mean_run_delay_us", "mean_run_delay_us", kAlways,
                   "mean time that its workers waited on a run queue"),
    Metric{"worst_run_delay_us", "run delay", Kind::kDistribution, L, extreme, 100, 0.50, "us", peak,
           "stats.worst_run_delay_us", yes, "longest time that one worker waited on run queues in all"}
        .in_cgroup("worst_run_delay_us", "worst_run_delay_us", kAlways,
                   "longest time that one of its workers waited on run queues in all"),
    Metric{"worst_iterations_per_worker", "throughput", Kind::kWorstLowest, H, ratio, 10, 0.10, "", mean,
           "stats.worst_iterations_per_worker", yes | zero_absent, "work loops per worker, slowest cgroup"}
        .in_cgroup("iterations_per_worker", "iterations_per_worker", kIterations, "work loops per worker"),
    Metric{"worst_page_locality", "memory locality", Kind::kWorstLowest, H, ratio, 0.05, 0.10, "", mean,
           "stats.worst_page_locality", yes | zero_absent,
           "share of pages on the expected NUMA nodes, worst cgroup"}
        .in_cgroup("page_locality", "page_locality", kAlways, "share of pages on the expected NUMA nodes"),
    Metric{"worst_cross_node_migration_ratio", "memory locality", Kind::kWorstRatio, L, ratio, 0.05, 0.20, "",
           mean, "stats.worst_cross_node_migration_ratio", yes,
           "pages moved between NUMA nodes over all pages"}
        .in_cgroup("cross_node_migration_ratio", "cross_node_migration_ratio", kAlways,
                   "pages moved between NUMA nodes over all pages"),
    // Sampled from outside of the guest.
    {"max_imbalance_ratio", "imbalance", Kind::kPeak, L, extreme, 1, 0.25, "x", peak,
     "monitor.max_imbalance_ratio", yes, "longest over shortest run queue, largest sample"},
    {"avg_imbalance_ratio", "imbalance", Kind::kGaugeAvg, L, ratio, 0.5, 0.25, "x", mean,
     "monitor.avg_imbalance_ratio", yes, "longest over shortest run queue, mean"},
    {"max_dsq_depth", "dispatch queue depth", Kind::kPeak, L, extreme, 10, 0.50, "", peak,
     "monitor.max_local_dsq_depth", yes | whole, "deepest local dispatch queue"},
    {"avg_dsq_depth", "dispatch queue depth", Kind::kGaugeAvg, L, ratio, 5, 0.50, "", mean,
     "monitor.avg_local_dsq_depth", yes, "depth of local dispatch queues, mean"},
    {"avg_nr_running", "run queue length", Kind::kGaugeAvg, L, ratio, 0.5, 0.20, "", mean,
     "monitor.avg_nr_running", yes, "runnable tasks per CPU, mean"},
    {"stuck_count", "stuck CPUs", Kind::kCounter, L, count, 1, 0.50, "", mean, "monitor.stuck_count", yes,
     "CPUs whose run-queue clock stood still"},
    {"total_fallback", "fallback", Kind::kDeltaSum, L, count, 5, 0.30, "", mean,
     "monitor.event_deltas.total_fallback", yes,
     "times that sched_ext chose a CPU because the scheduler did not"},
    {"total_keep_last", "keep last", Kind::kDeltaSum, L, count, 5, 0.30, "", mean,
     "monitor.event_deltas.total_dispatch_keep_last", yes,
     "dispatches that kept the last task for want of another"},
    // Run queues' own statistics (CONFIG_SCHEDSTATS).
    {"total_run_delay", "run delay", Kind::kDeltaSum, I, ratio, 1e6, 0.10, "ns", mean,
     "monitor.schedstat_deltas.total_run_delay", yes, "time that all tasks waited on run queues"},
    {"total_pcount", "schedule calls", Kind::kDeltaSum, I, count, 100, 0.10, "", mean,
     "monitor.schedstat_deltas.total_pcount", yes, "times that a task was given a CPU"},
    {"total_sched_count", "schedule calls", Kind::kDeltaSum, I, count, 100, 0.10, "", mean,
     "monitor.schedstat_deltas.total_sched_count", yes, "calls of schedule()"},
    {"total_yld_count", "schedule calls", Kind::kDeltaSum, I, count, 100, 0.10, "", mean,
     "monitor.schedstat_deltas.total_yld_count", yes, "calls of sched_yield()"},
    {"total_sched_goidle", "schedule calls", Kind::kDeltaSum, I, count, 100, 0.10, "", mean,
     "monitor.schedstat_deltas.total_sched_goidle", yes, "calls of schedule() that left a CPU idle"},
    {"total_ttwu_count", "wake-ups", Kind::kDeltaSum, I, count, 100, 0.10, "", mean,
     "monitor.schedstat_deltas.total_ttwu_count", yes, "wake-ups"},
    {"total_ttwu_local", "wake-ups", Kind::kDeltaSum, I, count, 100, 0.10, "", mean,
     "monitor.schedstat_deltas.total_ttwu_local", yes, "wake-ups on the waking CPU"},
    Metric{"total_run_delay_ns_per_sched", "run delay", Kind::kRate, L, ratio, 1000, 0.15, "ns", pooled, "",
           yes, "mean wait on a run queue before running"}
        .over("total_run_delay", "total_pcount"),
    Metric{"ttwu_local_fraction", "wake-ups", Kind::kRate, H, ratio, 0.05, 0.10, "", pooled, "", yes,
           "share of wake-ups on the waking CPU"}
        .over("total_ttwu_local", "total_ttwu_count"),
    Metric{"sched_goidle_fraction", "schedule calls", Kind::kRate, I, ratio, 0.05, 0.10, "", pooled, "", yes,
           "share of calls of schedule() that left a CPU idle"}
        .over("total_sched_goidle", "total_sched_count"),
    {"total_context_switches", "context switches", Kind::kDeltaSum, I, count, 100, 0.10, "", mean, "", yes,
     "switches from one task to another"},
    {"context_switches_per_sec", "context switches", Kind::kGaugeAvg, I, ratio, 100, 0.10, "1/s", mean, "",
     yes, "the same per second"},
    {"sched_count_per_sec", "schedule calls", Kind::kGaugeAvg, I, ratio, 100, 0.10, "1/s", mean,
     "monitor.schedstat_deltas.sched_count_rate", yes, "calls of schedule() per second"},
    // The scheduler's BPF programs.
    {"bpf_verified_insns", "BPF size", Kind::kGaugeLast, L, count, 2, 0.10, "", mean, "", yes,
     "instructions that the verifier looked at, all programs of the scheduler; exact"},
    {"bpf_runs", "BPF time", Kind::kDeltaSum, I, count, 100, 0.10, "", mean, "", yes,
     "calls of the scheduler's programs"},
    {"bpf_nsecs_per_call", "BPF time", Kind::kGaugeAvg, L, ratio, 50, 0.25, "ns", mean, "", yes,
     "time of a call of the scheduler's programs, mean"},
    // Timers.
    Metric{"worst_p99_timer_latency_us", "timer latency", Kind::kDistribution, L, ratio, 50, 0.25, "us", mean,
           "", yes, "99th percentile of timer lateness, worst cgroup"}
        .in_cgroup("p99_timer_latency_us", "ext_metrics.worst_p99_timer_latency_us", kTimers,
                   "99th percentile of timer lateness"),
    Metric{"worst_median_timer_latency_us", "timer latency", Kind::kDistribution, L, ratio, 20, 0.25, "us",
           mean, "", yes, "median timer lateness, worst cgroup"}
        .in_cgroup("median_timer_latency_us", "ext_metrics.worst_median_timer_latency_us", kTimers,
                   "median timer lateness"),
    Metric{"worst_p999_timer_latency_us", "timer latency", Kind::kDistribution, L, extreme, 100, 0.25, "us",
           mean, "", yes, "99.9th percentile of timer lateness, worst cgroup"}
        .in_cgroup("p999_timer_latency_us", "ext_metrics.worst_p999_timer_latency_us", kTimers,
                   "99.9th percentile of timer lateness"),
    Metric{"worst_timer_latency_us", "timer latency", Kind::kDistribution, L, extreme, 200, 0.25, "us", peak,
           "", yes, "worst timer lateness"}
        .in_cgroup("worst_timer_latency_us", "ext_metrics.worst_timer_latency_us", kTimers,
                   "worst timer lateness"),
    // Throughput.
    Metric{"iteration_rate", "throughput", Kind::kRate, H, ratio, 1, 0.30, "iter/s", pooled, "", yes,
           "work loops per second of scenario"}
        .over("total_phase_iterations", "total_phase_duration_sec"),
    {"total_phase_iterations", "throughput", Kind::kPerPhaseDeltaSum, H, count, 100, 0.10, "", mean, "",
     yes | component, "work loops of all phases"},
    {"total_phase_duration_sec", "duration", Kind::kPerPhaseDeltaSum, I, ratio, 1, 0.30, "s", mean, "",
     yes | component, "length of all phases"},
    {"total_cpu_time_sec", "CPU time", Kind::kDeltaSum, H, ratio, 1, 0.30, "s", mean, "", yes,
     "CPU time that the workers got"},
    {"total_iterations_pooled", "throughput", Kind::kCounter, H, count, 100, 0.10, "", mean, "", yes,
     "work loops of all phases and cgroups"},
    Metric{"iterations_per_cpu_sec", "throughput", Kind::kRate, H, ratio, 10, 0.10, "iter/cpu-s", pooled, "",
           yes, "work loops per second of CPU time"}
        .over("total_iterations", "total_cpu_time_sec"),
    Metric{"worst_iterations_per_cpu_sec", "throughput", Kind::kWorstLowest, H, ratio, 10, 0.10, "iter/cpu-s",
           mean, "", yes | zero_absent, "work loops per second of CPU time, slowest cgroup"}
        .over("total_iterations", "total_cpu_time_sec")
        .in_cgroup("iterations_per_cpu_sec", "total_iterations / total_cpu_time_ns", kIterations,
                   "work loops per second of CPU time"),
    {"system_time_ns", "CPU time", Kind::kDeltaSum, L, ratio, 1e6, 0.30, "ns", mean, "", yes,
     "CPU time that workers spent in the kernel"},
    {"user_time_ns", "CPU time", Kind::kDeltaSum, L, ratio, 1e6, 0.30, "ns", mean, "", yes,
     "CPU time that workers spent outside of the kernel"},
    // Interrupts.
    {"total_hardirqs", "hardware interrupts", Kind::kDeltaSum, I, count, 1000, 0.50, "", mean, "", yes,
     "hardware interrupts"},
    {"total_softirq_net_rx", "network receive", Kind::kDeltaSum, I, count, 500, 0.50, "", mean, "", yes,
     "soft interrupts: network receive"},
    {"total_softirq_net_tx", "network send", Kind::kDeltaSum, I, count, 500, 0.50, "", mean, "", yes,
     "soft interrupts: network send"},
    {"total_softirq_timer", "timer interrupts", Kind::kDeltaSum, I, count, 1000, 0.50, "", mean, "", yes,
     "soft interrupts: timer"},
    {"total_softirq_sched", "load balancing", Kind::kDeltaSum, I, count, 1000, 0.50, "", mean, "", yes,
     "soft interrupts: load balancing"},
    {"total_irq_time_ns", "interrupt time", Kind::kDeltaSum, I, ratio, 1e6, 0.50, "ns", mean, "", yes,
     "time in hardware interrupts"},
    {"total_softirq_time_ns", "interrupt time", Kind::kDeltaSum, I, ratio, 1e6, 0.50, "ns", mean, "", yes,
     "time in soft interrupts"},
    {"total_steal_time_ns", "steal", Kind::kDeltaSum, I, ratio, 1e6, 0.50, "ns", mean, "", yes,
     "time that the host took from the guest"},
    Metric{"hardirq_rate", "hardware interrupts", Kind::kRate, I, ratio, 10, 0.30, "irq/s", pooled, "", yes,
           "hardware interrupts per second"}
        .over("total_hardirqs", "total_phase_wall_sec"),
    Metric{"net_rx_softirq_rate", "network receive", Kind::kRate, I, ratio, 10, 0.30, "softirq/s", pooled, "",
           yes, "network receive soft interrupts per second"}
        .over("total_softirq_net_rx", "total_phase_wall_sec"),
    Metric{"irq_time_fraction", "interrupt time", Kind::kRate, L, ratio, 0.02, 0.30, "", pooled, "", yes,
           "share of time in hardware interrupts"}
        .over("total_irq_time_ns", "total_phase_wall_ns"),
    {"total_phase_wall_sec", "duration", Kind::kPerPhaseDeltaSum, I, ratio, 0.1, 0.30, "s", mean, "",
     yes | component, "wall time of all phases"},
    {"total_phase_wall_ns", "duration", Kind::kPerPhaseDeltaSum, I, ratio, 1e6, 0.30, "ns", mean, "",
     yes | component, "wall time of all phases"},
    {"max_cpu_hardirqs", "hardware interrupts", Kind::kPeak, I, extreme, 500, 0.50, "", peak, "", yes,
     "hardware interrupts of the busiest CPU"},
    {"max_cpu_hardirq_concentration", "hardware interrupts", Kind::kPeak, L, extreme, 1, 0.25, "x", peak, "",
     yes, "the same over the mean of all CPUs"},
    {"max_cpu_softirq_net_rx", "network receive", Kind::kPeak, I, extreme, 500, 0.50, "", peak, "", yes,
     "network receive soft interrupts of the busiest CPU"},
    {"max_cpu_softirq_net_rx_concentration", "network receive", Kind::kPeak, L, extreme, 1, 0.25, "x", peak,
     "", yes, "the same over the mean of all CPUs"},
    // Pressure of interrupts (PSI).
    {"total_irq_pressure_us", "interrupt pressure", Kind::kDeltaSum, I, ratio, 1000, 0.50, "us", mean, "",
     yes, "time lost to interrupts"},
    // schbench, by phase.
    {"wakeup_p50_latency_us", "schbench wake latency", Kind::kPerPhase, L, ratio, 20, 0.25, "us", mean, "",
     yes, "schbench: median of wake-up latency, one phase"},
    {"wakeup_p90_latency_us", "schbench wake latency", Kind::kPerPhase, L, ratio, 20, 0.25, "us", mean, "",
     yes, "schbench: 90th percentile of wake-up latency, one phase"},
    {"wakeup_p99_latency_us", "schbench wake latency", Kind::kPerPhase, L, ratio, 50, 0.25, "us", mean, "",
     yes, "schbench: 99th percentile of wake-up latency, one phase"},
    {"wakeup_p999_latency_us", "schbench wake latency", Kind::kPerPhase, L, extreme, 50, 0.25, "us", mean, "",
     yes, "schbench: 99.9th percentile of wake-up latency, one phase"},
    {"wakeup_min_latency_us", "schbench wake latency", Kind::kPerPhase, L, extreme, 20, 0.25, "us", mean, "",
     yes, "schbench: minimum of wake-up latency, one phase"},
    {"wakeup_max_latency_us", "schbench wake latency", Kind::kPerPhase, L, extreme, 50, 0.50, "us", mean, "",
     yes, "schbench: maximum of wake-up latency, one phase"},
    {"request_p50_latency_us", "schbench request latency", Kind::kPerPhase, L, ratio, 20, 0.25, "us", mean,
     "", yes, "schbench: median of request latency, one phase"},
    {"request_p90_latency_us", "schbench request latency", Kind::kPerPhase, L, ratio, 20, 0.25, "us", mean,
     "", yes, "schbench: 90th percentile of request latency, one phase"},
    {"request_p99_latency_us", "schbench request latency", Kind::kPerPhase, L, ratio, 50, 0.25, "us", mean,
     "", yes, "schbench: 99th percentile of request latency, one phase"},
    {"request_p999_latency_us", "schbench request latency", Kind::kPerPhase, L, extreme, 50, 0.25, "us", mean,
     "", yes, "schbench: 99.9th percentile of request latency, one phase"},
    {"request_min_latency_us", "schbench request latency", Kind::kPerPhase, L, extreme, 20, 0.25, "us", mean,
     "", yes, "schbench: minimum of request latency, one phase"},
    {"request_max_latency_us", "schbench request latency", Kind::kPerPhase, L, extreme, 50, 0.50, "us", mean,
     "", yes, "schbench: maximum of request latency, one phase"},
    {"schbench_loop_count", "schbench throughput", Kind::kPerPhase, H, count, 10, 0.30, "", mean, "", yes,
     "schbench: loops, one phase"},
    {"rps_p20", "schbench throughput", Kind::kPerPhase, H, ratio, 100, 0.10, "req/s", mean, "", yes,
     "schbench: 20th percentile of requests per second, one phase"},
    {"rps_p50", "schbench throughput", Kind::kPerPhase, H, ratio, 100, 0.10, "req/s", mean, "", yes,
     "schbench: median of requests per second, one phase"},
    {"rps_p90", "schbench throughput", Kind::kPerPhase, H, ratio, 100, 0.10, "req/s", mean, "", yes,
     "schbench: 90th percentile of requests per second, one phase"},
    {"rps_min", "schbench throughput", Kind::kPerPhase, H, extreme, 100, 0.10, "req/s", mean, "", yes,
     "schbench: minimum of requests per second, one phase"},
    {"rps_max", "schbench throughput", Kind::kPerPhase, H, extreme, 100, 0.10, "req/s", mean, "", yes,
     "schbench: maximum of requests per second, one phase"},
    // schbench, whole runs.
    {"wakeup_p50_latency_us_whole", "schbench wake latency", Kind::kPerRunDistribution, L, ratio, 20, 0.25,
     "us", mean, "", yes, "schbench: median of wake-up latency"},
    {"wakeup_p90_latency_us_whole", "schbench wake latency", Kind::kPerRunDistribution, L, ratio, 20, 0.25,
     "us", mean, "", yes, "schbench: 90th percentile of wake-up latency"},
    {"wakeup_p99_latency_us_whole", "schbench wake latency", Kind::kPerRunDistribution, L, ratio, 50, 0.25,
     "us", mean, "", yes, "schbench: 99th percentile of wake-up latency"},
    {"wakeup_p999_latency_us_whole", "schbench wake latency", Kind::kPerRunDistribution, L, extreme, 50, 0.25,
     "us", mean, "", yes, "schbench: 99.9th percentile of wake-up latency"},
    {"wakeup_min_latency_us_whole", "schbench wake latency", Kind::kPerRunDistribution, L, extreme, 20, 0.25,
     "us", mean, "", yes, "schbench: minimum of wake-up latency"},
    {"wakeup_max_latency_us_whole", "schbench wake latency", Kind::kPerRunDistribution, L, extreme, 50, 0.50,
     "us", mean, "", yes, "schbench: maximum of wake-up latency"},
    {"request_p50_latency_us_whole", "schbench request latency", Kind::kPerRunDistribution, L, ratio, 20,
     0.25, "us", mean, "", yes, "schbench: median of request latency"},
    {"request_p90_latency_us_whole", "schbench request latency", Kind::kPerRunDistribution, L, ratio, 20,
     0.25, "us", mean, "", yes, "schbench: 90th percentile of request latency"},
    {"request_p99_latency_us_whole", "schbench request latency", Kind::kPerRunDistribution, L, ratio, 50,
     0.25, "us", mean, "", yes, "schbench: 99th percentile of request latency"},
    {"request_p999_latency_us_whole", "schbench request latency", Kind::kPerRunDistribution, L, extreme, 50,
     0.25, "us", mean, "", yes, "schbench: 99.9th percentile of request latency"},
    {"request_min_latency_us_whole", "schbench request latency", Kind::kPerRunDistribution, L, extreme, 20,
     0.25, "us", mean, "", yes, "schbench: minimum of request latency"},
    {"request_max_latency_us_whole", "schbench request latency", Kind::kPerRunDistribution, L, extreme, 50,
     0.50, "us", mean, "", yes, "schbench: maximum of request latency"},
    {"sched_delay_msg_us_whole", "schbench message delay", Kind::kPerRunDistribution, L, ratio, 50, 0.25,
     "us", mean, "", yes, "schbench: scheduling delay of message threads"},
    {"sched_delay_worker_us_whole", "schbench worker delay", Kind::kPerRunDistribution, L, ratio, 50, 0.25,
     "us", mean, "", yes, "schbench: scheduling delay of worker threads"},
    {"schbench_loop_count_whole", "schbench throughput", Kind::kPerRunDistribution, H, count, 10, 0.30, "",
     mean, "", yes, "schbench: loops"},
    {"rps_p20_whole", "schbench throughput", Kind::kPerRunDistribution, H, ratio, 100, 0.10, "req/s", mean,
     "", yes, "schbench: 20th percentile of requests per second"},
    {"rps_p50_whole", "schbench throughput", Kind::kPerRunDistribution, H, ratio, 100, 0.10, "req/s", mean,
     "", yes, "schbench: median of requests per second"},
    {"rps_p90_whole", "schbench throughput", Kind::kPerRunDistribution, H, ratio, 100, 0.10, "req/s", mean,
     "", yes, "schbench: 90th percentile of requests per second"},
    {"rps_min_whole", "schbench throughput", Kind::kPerRunDistribution, H, extreme, 100, 0.10, "req/s", mean,
     "", yes, "schbench: minimum of requests per second"},
    {"rps_max_whole", "schbench throughput", Kind::kPerRunDistribution, H, extreme, 100, 0.10, "req/s", mean,
     "", yes, "schbench: maximum of requests per second"},
    {"total_schbench_loops", "schbench throughput", Kind::kCounter, H, count, 100, 0.10, "", mean, "", yes,
     "schbench: loops of all workers"},
    Metric{"schbench_msg_run_delay_ns_per_sched", "schbench message delay", Kind::kRate, L, ratio, 1000, 0.10,
           "ns", pooled, "", yes, "schbench: mean wait of message threads on a run queue"}
        .over("schbench_msg_run_delay_ns", "schbench_msg_pcount"),
    {"schbench_msg_run_delay_ns", "schbench message delay", Kind::kDeltaSum, I, ratio, 1e6, 0.10, "ns", mean,
     "", yes | component, "schbench: wait of message threads on run queues"},
    {"schbench_msg_pcount", "schbench message delay", Kind::kDeltaSum, I, count, 100, 0.10, "", mean, "",
     yes | component, "schbench: times that message threads were given a CPU"},
    Metric{"schbench_worker_run_delay_ns_per_sched", "schbench worker delay", Kind::kRate, L, ratio, 1000,
           0.10, "ns", pooled, "", yes, "schbench: mean wait of worker threads on a run queue"}
        .over("schbench_worker_run_delay_ns", "schbench_worker_pcount"),
    {"schbench_worker_run_delay_ns", "schbench worker delay", Kind::kDeltaSum, I, ratio, 1e6, 0.10, "ns",
     mean, "", yes | component, "schbench: wait of worker threads on run queues"},
    {"schbench_worker_pcount", "schbench worker delay", Kind::kDeltaSum, I, count, 100, 0.10, "", mean, "",
     yes | component, "schbench: times that worker threads were given a CPU"},
    // taobench.
    {"taobench_total_qps", "taobench throughput", Kind::kGaugeLast, H, ratio, 1000, 0.10, "ops/s", mean, "",
     yes, "taobench: queries per second, all"},
    {"taobench_fast_qps", "taobench throughput", Kind::kGaugeLast, H, ratio, 1000, 0.10, "ops/s", mean, "",
     yes, "taobench: queries per second, cache hits"},
    {"taobench_slow_qps", "taobench throughput", Kind::kGaugeLast, I, ratio, 1000, 0.10, "ops/s", mean, "",
     yes, "taobench: queries per second, cache misses"},
    {"taobench_hit_ratio", "taobench hits", Kind::kGaugeLast, I, ratio, 0.02, 0.05, "", mean, "", yes,
     "taobench: cache hits over misses and hits, as it reports them"},
    {"taobench_hit_rate", "taobench hits", Kind::kGaugeLast, I, ratio, 0.02, 0.05, "", mean, "", yes,
     "taobench: cache hit rate, as it reports it"},
    {"taobench_total_ops_per_sec", "taobench throughput", Kind::kRate, H, ratio, 1000, 0.10, "ops/s", pooled,
     "", yes, "taobench: operations per second, all"},
    {"taobench_fast_ops_per_sec", "taobench throughput", Kind::kRate, H, ratio, 1000, 0.10, "ops/s", pooled,
     "", yes, "taobench: operations per second, cache hits"},
    {"taobench_slow_ops_per_sec", "taobench throughput", Kind::kRate, I, ratio, 1000, 0.10, "ops/s", pooled,
     "", yes, "taobench: operations per second, cache misses"},
    {"taobench_hit_fraction", "taobench hits", Kind::kRate, I, ratio, 0.02, 0.05, "", pooled, "", yes,
     "taobench: share of operations that hit the cache"},
    {"taobench_serve_p50_us", "taobench latency", Kind::kDistribution, L, ratio, 20, 0.25, "us", mean, "",
     yes, "taobench: median of the time to serve a request"},
    {"taobench_serve_p90_us", "taobench latency", Kind::kDistribution, L, ratio, 20, 0.25, "us", mean, "",
     yes, "taobench: 90th percentile of the time to serve a request"},
    {"taobench_serve_p99_us", "taobench latency", Kind::kDistribution, L, ratio, 50, 0.25, "us", mean, "",
     yes, "taobench: 99th percentile of the time to serve a request"},
    {"taobench_serve_p999_us", "taobench latency", Kind::kDistribution, L, extreme, 50, 0.25, "us", mean, "",
     yes, "taobench: 99.9th percentile of the time to serve a request"},
};

}  // namespace

std::span<const Metric> builtin_metrics() { return kMetrics; }

}  // namespace ktstr
