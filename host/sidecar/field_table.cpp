// SPDX-License-Identifier: Apache-2.0
//
// The table of the sidecar's fields. The host's writer, both readers, the index, explain-sidecar, the schema
// and docs/sidecar.md are made from it.
#include <cmath>

#include "sidecar/field.hpp"

namespace ktstr {
namespace {

constexpr SidecarField version(std::string_view path, std::string_view meaning) {
  return {path, FieldKind::kVersion, meaning};
}
constexpr SidecarField text(std::string_view path, std::string_view meaning) {
  return {path, FieldKind::kText, meaning};
}
constexpr SidecarField flag(std::string_view path, std::string_view meaning) {
  return {path, FieldKind::kFlag, meaning};
}
constexpr SidecarField whole(std::string_view path, std::string_view meaning) {
  return {path, FieldKind::kWhole, meaning};
}
constexpr SidecarField number(std::string_view path, std::string_view meaning) {
  return {path, FieldKind::kNumber, meaning};
}
constexpr SidecarField object(std::string_view path, std::string_view meaning,
                              FieldKind of = FieldKind::kObject) {
  return {path, of, meaning};
}
constexpr SidecarField list(std::string_view path, std::string_view meaning,
                            FieldKind of = FieldKind::kObject) {
  SidecarField row{path, of, meaning};
  row.list = true;
  return row;
}

constexpr const char* kCommitId = "^[!-~]{1,71}$";
constexpr std::string_view kSha256 = "^[0-9a-f]{64}$", kCommit = "^[0-9a-f]{40,64}$";
constexpr std::string_view kRunAgain = "run the test again";
constexpr bool kExpected = false, kActionable = true, kOwn = true;

json::value place_in_plan(const HostStamp& stamp) {
  if (!stamp.place) return nullptr;
  return {{"side", stamp.place->head ? "head" : "baseline"},
          {"block", stamp.place->block},
          {"slot", stamp.place->slot},
          {"plan", stamp.place->plan.empty() ? json::value(nullptr) : json::value(stamp.place->plan)}};
}

void read_side(const json::value& value, SidecarRecord& record) {
  record.head_side = value.is_string() && value.get_string() == "head";
}

void read_attempts(const json::value& value, SidecarRecord& record) {
  record.flaky = value.is_array() && !value.get_array().empty();
}

template <std::optional<double> SidecarRecord::*time>
void read_time(const json::value& value, SidecarRecord& record) {
  const double ms = value.is_number() ? value.to_number<double>() : -1;
  if (ms >= 0 && std::isfinite(ms)) record.*time = ms;
}

void read_payloads(const json::value& value, SidecarRecord& record) {
  record.payload_metrics = read_payload_metrics(value);
}

constexpr SidecarField kFields[] = {
    version("schema_version", "version of this format; raised when a reader of the old one would go wrong"),
    text("test_name", "the test; no slash").filled().must().to(&SidecarHead::test),
    text("topology", "NUMA nodes, LLCs, cores per LLC, threads per core: 1n2l4c1t")
        .filled()
        .must()
        .to(&SidecarHead::topology),
    text("scheduler", "scheduler; eevdf is the kernel's own").must().to(&SidecarHead::scheduler),
    text("scheduler_commit", "reserved: no scheduler binary tells it yet")
        .when_null({2,
                    kExpected,
                    {"a scheduler binary does not say what commit it was built from; scheduler_sha256 and "
                     "scheduler_build_id identify it"}}),
    text("scheduler_sha256",
         "SHA-256 of the scheduler binary, and with `files` in the manifest of these together; null with the "
         "kernel's own")
        .like(kSha256)
        .to(&SidecarRecord::scheduler_sha256)
        .when_null({12, kExpected, {"the test ran with the kernel's own scheduler"}, "", kOwn}),
    text("scheduler_build_id", "GNU build id of the scheduler binary; null when it was linked without one")
        .like("^[0-9a-f]{2,128}$")
        .when_null({13,
                    kExpected,
                    {"the test ran with the kernel's own scheduler",
                     "the scheduler binary was linked without a build id"},
                    "",
                    kOwn}),
    text("manifest_sha256",
         "SHA-256 of what the manifest says of the test; null from runners that do not tell")
        .at_times()
        .like(kSha256)
        .to(&SidecarRecord::manifest_sha256)
        .when_null({14,
                    kActionable,
                    {"the file is older than the field", "the runner does not tell"},
                    kRunAgain,
                    kOwn}),
    text("project_commit",
         "label of HEAD (of git: its first 7 digits), with -dirty when a tracked file differed; null when "
         "not known")
        .to(&SidecarHead::project_commit)
        .by_host(&HostStamp::project_commit)
        .when_null({3,
                    kActionable,
                    {"the working directory was deleted", "the project is not in a git repository",
                     "HEAD cannot be read, or the repository has no commit yet"},
                    "run the tests inside a git repository that has a commit"}),
    text("project_commit_full", "id of HEAD (of git: all digits); null when not known")
        .like(kCommitId)
        .to(&SidecarRecord::project_commit_full)
        .by_host(&HostStamp::project_commit_full)
        .when_null({15,
                    kActionable,
                    {"as project_commit"},
                    "run the tests inside a git repository that has a commit",
                    kOwn}),
    text("payload", "binary payload of the test; null without one")
        .when_null({4, kExpected, {"the test declares no binary payload"}}),
    list("metrics", "metrics of payloads, one entry per invocation, and of the scheduler").to(read_payloads),
    flag("passed", "at most one of passed, skipped and inconclusive is true; none: failed")
        .must()
        .to(&SidecarRecord::passed),
    flag("skipped", "did not run").must().to(&SidecarRecord::skipped),
    flag("inconclusive", "ran, but could not be judged").to(&SidecarRecord::inconclusive),
    flag("expected_failure", "the test is meant to fail; never compared")
        .to(&SidecarRecord::expected_failure),
    list("earlier_attempts", "attempts of the same invocation that failed before this one, the first first")
        .at_times()
        .by_host(&HostStamp::earlier_attempts)
        .to(read_attempts),
    text("earlier_attempts[].outcome", "failed"),
    text("earlier_attempts[].reason", "why, its first line"),
    flag("performance_mode", "takes part in perf-delta").to(&SidecarRecord::performance_mode),
    list("failure", "what failed, the most important first; null when the test passed", FieldKind::kText)
        .when_null({19, kExpected, {"the test passed"}, "", kOwn}),
    object("stats", "what the workers measured").must(),
    list("stats.cgroups", "one entry per cgroup"),
    text("stats.cgroups[].name", "the cgroup, as the manifest names it; older files do not have it")
        .at_times(),
    whole("stats.cgroups[].num_workers", "workers"),
    whole("stats.cgroups[].num_cpus", "distinct CPUs that they ran on").in("CPUs"),
    number("stats.cgroups[].avg_off_cpu_pct", "time off the CPU, mean over workers").in("%"),
    number("stats.cgroups[].min_off_cpu_pct", "least starved worker").in("%"),
    number("stats.cgroups[].max_off_cpu_pct", "most starved worker").in("%"),
    whole("stats.cgroups[].max_gap_cpu", "CPU of that gap"),
    whole("stats.cgroups[].total_migrations", "moves between CPUs"),
    whole("stats.cgroups[].total_iterations", "work loops completed"),
    whole("stats.cgroups[].total_cpu_time_ns", "CPU time that the workers got").in("ns"),
    whole("stats.cgroups[].workers_without_iterations", "workers that completed nothing").at_times(),
    whole("stats.cgroups[].wake_latency_samples",
          "wake-ups behind the wake-up latencies; 0: there was none, and the figures say nothing")
        .at_times(),
    whole("stats.cgroups[].timer_latency_samples", "timers behind the timer latencies").at_times(),
    object("stats.cgroups[].ext_metrics", "further metrics by name; left out when there are none",
           FieldKind::kNumbers)
        .at_times(),
    object("stats.cgroups[].histograms",
           "latencies by distribution: [[bucket, count], …] of log-linear buckets, 32 for each power of two "
           "of ns",
           FieldKind::kAnything)
        .at_times(),
    whole("stats.total_workers", "sum over cgroups"),
    whole("stats.total_cpus", "sum of the cgroups' num_cpus, not deduplicated").in("CPUs"),
    whole("stats.worst_gap_cpu", "its CPU"),
    whole("stats.workers_without_iterations", "sum over cgroups").at_times(),
    whole("stats.wake_latency_samples", "sum over cgroups").at_times(),
    whole("stats.timer_latency_samples", "sum over cgroups").at_times(),
    object("stats.ext_metrics", "further metrics by name; left out when there are none", FieldKind::kNumbers)
        .at_times(),
    list("stats.phases", "numbers by phase of the scenario; empty when the runner has none"),
    whole("stats.phases[].step_index", "0 is what lies before the first step, steps count from 1"),
    text("stats.phases[].label", "the step's name, or that of a mark"),
    whole("stats.phases[].start_ms", "since the scenario's start").in("ms"),
    whole("stats.phases[].end_ms", "since the scenario's start").in("ms"),
    text("stats.phases[].scheduler", "the scheduler in force at the phase's end").at_times(),
    whole("stats.phases[].sample_count", "samples of the phase").at_times(),
    object("stats.phases[].metrics", "metrics by name", FieldKind::kNumbers),
    list("stats.phases[].per_cgroup", "figures of each cgroup in the phase: name and metrics; or raw pools",
         FieldKind::kAnything)
        .at_times(),
    list("stats.snapshots", "what operations `snapshot` kept; left out when there are none").at_times(),
    text("stats.snapshots[].name", "as the test calls it"),
    whole("stats.snapshots[].at_ms", "since the scenario's start").in("ms"),
    object("stats.snapshots[].values",
           "counters of the kernel, CGROUP/figure, variables and map[key] of BPF programs",
           FieldKind::kNumbers),
    object("monitor", "sampled from outside of the guest; null: monitor_reason says why")
        .when_null({5,
                    kActionable,
                    {"the runner does not sample guests from outside",
                     "the guest ended before the first sample", "no sample was valid"}}),
    whole("monitor.total_samples", "samples, invalid ones included"),
    object("monitor.event_deltas", "sched_ext event counters: their increases, last sample over first",
           FieldKind::kNumbers)
        .at_times(),
    object("monitor.schedstat_deltas", "run-queue statistics: their increases, last sample over first",
           FieldKind::kNumbers)
        .at_times(),
    list("monitor.prog_stats_deltas", "runs of BPF programs").at_times(),
    object("monitor.psi_irq", "pressure of interrupts").at_times(),
    text("monitor_reason", "why `monitor` is null; empty when it is not").at_times(),
    list("stimulus_events", "marks on the scenario's time line"),
    whole("stimulus_events[].elapsed_ms", "since the scenario's start").in("ms"),
    text("stimulus_events[].label", "ScenarioStart, names of steps and marks, ScenarioEnd"),
    text("stimulus_events[].op_kind", "kind of the operation").or_null().at_times(),
    text("stimulus_events[].detail", "its argument").or_null().at_times(),
    whole("stimulus_events[].total_iterations", "work loops so far").or_null().at_times(),
    text("work_type", "what the workers did; skipped for a skipped test").must().to(&SidecarHead::work_type),
    list("verifier_stats", "BPF programs of the scheduler as the verifier saw them"),
    text("verifier_stats[].name", "program"),
    whole("verifier_stats[].verified_insns", "instructions that the verifier looked at; it refuses 1,000,000")
        .in("instructions"),
    list("prog_stats", "runs of the scheduler's BPF programs as the guest's kernel counted them"),
    text("prog_stats[].name", "program"),
    whole("prog_stats[].cnt", "runs"),
    whole("prog_stats[].nsecs", "time in all").in("ns"),
    number("prog_stats[].nsecs_per_call", "mean").in("ns"),
    object("cost", "what the kernel's code cost while the scenario ran; of tests that were counted only")
        .at_times(),
    whole("cost.insns", "instructions of the kernel in all").in("instructions"),
    flag("cost.complete", "false: there were more ways to call functions than are told apart"),
    list("cost.functions",
         "operations of sched_ext, BPF programs, and the 300 costliest functions of the kernel"),
    text("cost.functions[].name", "its name"),
    text("cost.functions[].kind", "operation, program or kernel"),
    whole("cost.functions[].calls", "calls"),
    whole("cost.functions[].insns", "instructions of all calls, whatever they called included")
        .in("instructions"),
    whole("cost.functions[].self_insns", "its own").in("instructions"),
    object("kvm_stats", "KVM's counters; null when the guest was emulated or the host offers none")
        .when_null({6,
                    kActionable,
                    {"the guest was emulated (accelerator tcg)", "the host's kernel offers no KVM statistics",
                     "the runner does not read them"}}),
    list("kvm_stats.per_vcpu", "one map of counters per virtual CPU", FieldKind::kWholes),
    list("sysctls", "sysctl.k=v in the order of the manifest", FieldKind::kText),
    list("kargs", "further kernel arguments in the order of the manifest", FieldKind::kText),
    text("kernel_version", "version of the kernel under test: 6.18.12")
        .to(&SidecarHead::kernel_version)
        .when_null({7,
                    kActionable,
                    {"neither the kernel image nor the guest told a version"},
                    "name a kernel that ktstr kernel list shows: --kernel"}),
    text("kernel_release", "its uname -r")
        .to(&SidecarRecord::kernel_release)
        .when_null({18, kActionable, {"neither the kernel image nor the guest told a release"}, "", kOwn}),
    text("kernel_label",
         "tells it from other kernels of its version: the name given to kernel add, or h and digits of its "
         "image's SHA-256; null for a package")
        .to(&SidecarHead::kernel_label)
        .by_host(&HostStamp::kernel_label)
        .when_null({17,
                    kExpected,
                    {"the kernel is a distribution's package, of which there is one for a version"},
                    "",
                    kOwn}),
    text("kernel_commit", "as project_commit, of the kernel's source tree; null for packaged kernels")
        .to(&SidecarHead::kernel_commit)
        .by_host(&HostStamp::kernel_commit)
        .when_null({8,
                    kActionable,
                    {"KTSTR_KERNEL is unset or empty, or --kernel named a packaged kernel",
                     "the kernel's source is a tarball or a temporary checkout",
                     "the kernel's directory is not a git repository, or has no commit yet"},
                    "set KTSTR_KERNEL to a local kernel source tree that is a git repository (e.g. a git "
                    "clone of the kernel)"}),
    text("kernel_commit_full", "all digits")
        .like(kCommit)
        .by_host(&HostStamp::kernel_commit_full)
        .when_null({16,
                    kActionable,
                    {"as kernel_commit"},
                    "set KTSTR_KERNEL to a local kernel source tree that is a git repository",
                    kOwn}),
    text("accelerator", "what ran the guest").one_of({"kvm", "tcg"}).to(&SidecarRecord::accelerator),
    text("time_source", "whose clock the numbers are measured by; virtual: deterministic mode")
        .one_of({"host", "virtual"})
        .to(&SidecarRecord::time_source),
    text("qemu_version", "version of QEMU")
        .when_null({20, kExpected, {"the test did not run in QEMU"}, "", kOwn}),
    text("template_id", "the booted guest that was restored; null: booted afresh")
        .to(&SidecarRecord::template_id)
        .when_null({21,
                    kExpected,
                    {"the guest was booted instead of restored (--cold), or never started"},
                    "",
                    kOwn}),
    whole("seed", "seed of the run").to(&SidecarRecord::seed),
    whole("vcpus", "virtual CPUs").in("CPUs").to(&SidecarRecord::vcpus),
    whole("cpu_budget", "host CPUs granted; fewer than vcpus: overcommitted")
        .in("CPUs")
        .to(&SidecarHead::cpu_budget),
    text("resolve_source", "how the scheduler binary was found: project or path; null with the kernel's own")
        .to(&SidecarHead::resolve_source)
        .when_null({1,
                    kExpected,
                    {"the test ran with the kernel's own scheduler, so no scheduler binary was looked for"}}),
    whole("periodic_fired", "snapshots taken"),
    whole("periodic_target", "snapshots planned"),
    list("perf_delta_assertions", "gates that the test declares for comparisons"),
    text("perf_delta_assertions[].metric", "name in the registry"),
    text("perf_delta_assertions[].direction", "which way is better; null: the registry's")
        .or_null()
        .at_times(),
    number("perf_delta_assertions[].max_regression_pct", "relative gate; null: the registry's")
        .in("%")
        .or_null()
        .at_times()
        .signed_too(),
    number("perf_delta_assertions[].min_abs", "absolute gate; null: the registry's")
        .or_null()
        .at_times()
        .signed_too(),
    object("perf_delta_assertions[].phase", "one phase only", FieldKind::kTextOrWhole).or_null().at_times(),
    object("perf_delta", "place in a perf-delta plan; null for other runs")
        .by_host(place_in_plan)
        .when_null({22, kExpected, {"the run was not part of perf-delta --noise-adjust"}, "", kOwn}),
    text("perf_delta.side", "baseline or head").one_of({"baseline", "head"}).to(read_side),
    whole("perf_delta.block", "block of the plan").to(&SidecarHead::block),
    whole("perf_delta.slot", "position in the plan").to(&SidecarRecord::slot),
    text("perf_delta.plan", "identity of the plan; runs of different plans are never compared")
        .or_null()
        .at_times()
        .to(&SidecarRecord::plan),
    text("timestamp", "when the test ended, UTC: 2026-07-04T21:41:43Z")
        .like("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
        .to(&SidecarHead::timestamp)
        .by_host(&HostStamp::timestamp),
    text("run_id", "start of the process, and a counter: 20260704T214100Z-0")
        .to(&SidecarRecord::run_id)
        .by_host(&HostStamp::run_id),
    text("run_source", "local or ci; readers say archive of files under --dir")
        .to(&SidecarHead::run_source)
        .by_host(&HostStamp::run_source)
        .when_null({11,
                    kActionable,
                    {"the file is older than the field's name (it was \"source\")"},
                    "run the test again, or rename the key in the file"}),
    text("node", "how the farm that ran the test calls the machine").at_times().to(&SidecarRecord::node),
    object("host",
           "the machine that ran the guest, and readings of it taken after the run; keys that cannot be read "
           "are left out")
        .by_host(&HostStamp::host)
        .or_runner_elsewhere()
        .when_null({9,
                    kActionable,
                    {"the file was not written by a test run", "the file is older than the field"},
                    kRunAgain}),
    text("host.kernel_name", "uname -s").at_times(),
    text("host.kernel_release", "uname -r").at_times(),
    text("host.arch", "uname -m").at_times().to(&SidecarHead::arch),
    text("host.cpu_model", "model name of /proc/cpuinfo").at_times(),
    text("host.cpu_vendor", "vendor_id of /proc/cpuinfo").at_times(),
    whole("host.total_memory_kb", "memory").in("kB").at_times(),
    whole("host.hugepages_total", "huge pages set aside").in("pages").at_times(),
    whole("host.hugepages_free", "free huge pages").in("pages").at_times().reading(),
    whole("host.hugepages_size_kb", "their size").in("kB").at_times(),
    whole("host.online_cpus", "CPUs online").in("CPUs").at_times(),
    whole("host.numa_nodes", "NUMA nodes").in("nodes").at_times(),
    text("host.thp_enabled", "policy of transparent huge pages, the chosen one in brackets").at_times(),
    text("host.thp_defrag", "their defragmentation policy").at_times(),
    text("host.kernel_cmdline", "/proc/cmdline").at_times(),
    object("host.cpufreq_governor", "frequency governor by CPU", FieldKind::kTexts).at_times(),
    object("host.sched_tunables", "/proc/sys/kernel/sched_*", FieldKind::kTexts).at_times(),
    object("host.heap_state", "allocator statistics; only other writers have it").at_times().reading(),
    text("host.boot_id", "changes with every boot of the machine")
        .at_times()
        .reading()
        .to(&SidecarRecord::boot_id),
    number("host.load_1m", "load average of the last minute").in("tasks").at_times().reading(),
    whole("host.procs_running", "runnable tasks").in("tasks").at_times().reading(),
    number("host.cpu_mhz", "frequency, mean over CPUs").in("MHz").at_times().reading(),
    number("host.temperature_c", "hottest thermal zone")
        .in("degrees Celsius")
        .at_times()
        .reading()
        .signed_too(),
    object("host_before", "the same readings before the run")
        .by_host(&HostStamp::host_before)
        .or_runner_elsewhere()
        .when_null({23, kActionable, {"the file is older than the field"}, kRunAgain, kOwn}),
    whole("host_before.hugepages_free", "free huge pages").in("pages").at_times(),
    number("host_before.load_1m", "load average of the last minute").in("tasks").at_times(),
    whole("host_before.procs_running", "runnable tasks").in("tasks").at_times(),
    number("host_before.cpu_mhz", "frequency, mean over CPUs").in("MHz").at_times(),
    number("host_before.temperature_c", "hottest thermal zone").in("degrees Celsius").at_times().signed_too(),
    whole("cleanup_duration_ms", "taking the machine down")
        .in("ms")
        .when_null({10, kActionable, {"the run was ended before its machine could be taken down"}}),
    object("timing", "how long the host worked"),
    number("timing.ready_ms", "until the guest took orders").in("ms"),
    number("timing.first_worker_ms", "until the first worker ran; null: none did")
        .in("ms")
        .or_null()
        .signed_too(),
    number("timing.run_ms", "until the machine ended").in("ms").to(read_time<&SidecarRecord::run_ms>),
    whole("timing.first_worker_unix_ns", "wall clock of the first worker").in("ns").or_null().signed_too(),
    number("timing.cpu_ran_ms", "CPU time of the guest's threads on the host, in the scenario")
        .in("ms")
        .to(read_time<&SidecarRecord::cpu_ran_ms>),
    number("timing.cpu_waited_ms", "how long these were ready to run and had no CPU of the host")
        .in("ms")
        .to(read_time<&SidecarRecord::cpu_waited_ms>),
    number(
        "timing.burst_before_us",
        "what 65,536 units of work took the guest just before the scenario, at best of 4 ms; real time only")
        .in("us")
        .or_null()
        .to(read_time<&SidecarRecord::burst_before_us>),
    number("timing.burst_after_us", "the same just after it")
        .in("us")
        .or_null()
        .to(read_time<&SidecarRecord::burst_after_us>),
    text("timing.template", "where the guest came from").one_of({"cold", "made", "restored"}),
    list("plugins", "the plugins that the run was made with: runner, store, baseline")
        .at_times()
        .by_host(&HostStamp::plugins)
        .when_null({24, kExpected, {"the file is older than the field"}, "", kOwn}),
    text("plugins[].kind", "what it was used as"),
    text("plugins[].name", "what the configuration calls it"),
    text("plugins[].id", "the plugin"),
    text("plugins[].version", "its release"),
    text("plugins[].sha256", "SHA-256 of its library; null when that could not be read")
        .like(kSha256)
        .or_null(),
};

}  // namespace

std::span<const SidecarField> sidecar_fields() { return kFields; }

}  // namespace ktstr
