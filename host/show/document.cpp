// SPDX-License-Identifier: Apache-2.0
#include "show/document.hpp"

#include <algorithm>
#include <ktstr/kit/assert.hpp>

#include "show/cells.hpp"

namespace ktstr {
namespace {

constexpr DocumentRow kDocuments[] = {
    {"test_run", "test", "{exit_code, tests: [{test, outcome, duration_ns, message, failure_dump}], run}"},
    {"test-list", "test --list, test --dry-run", "{tests: [{test, topology, scheduler, kernel, run}]}"},
    {"affected", "affected", "{base, changed, unclaimed, schedulers, tests: [{test, affected, file, why}]}"},
    {"verifier", "verifier",
     "{kernels: [{kernel, schedulers: [{name, loaded, message, log, programs: [{name, verified_insns}]}]}]}"},
    {"doctor", "doctor", "{state, checks: [{subject, name, state, found, fix}]}"},
    {"perf_delta", "perf-delta",
     "{mode, verdict, exit_code, baseline, head, counts, rows: [{test, metric}]}"},
    {"gate-score", "gate score", "{gates: [{name, n, rel, sources: [{source, false_red, recall}]}]}"},
    {"calibrate", "calibrate",
     "{runs, gates, metrics: [{test, metric, log_sd}], false_red, recommended_runs}"},
    {"bisect", "bisect", "{searched, first_bad, suspects, commits or kernels: [{verdict, test, metric}]}"},
    {"matrix", "matrix",
     "{sides: [{kernel, scheduler}], tests: [{test, endings, metrics}], steps, sentence}"},
    {"explore", "explore", "{seeds, scenarios, findings: [{manifest, replay, count, minimal}]}"},
    {"cost", "cost", "{test, complete, base, head, functions: [{name, kind, base, head}]}"},
    {"stats", "stats", "{run, sidecars, outliers, by_scenario, by_topology, by_work_type, verifier, kvm}"},
    {"stats-list", "stats list", "{runs: [{run, tests, date, arch}]}"},
    {"stats-list-values", "stats list-values", "{values: {kernel: [...], ...}}"},
    {"stats-list-metrics", "stats list-metrics", "{metrics: [{name, polarity, display_unit, path, ...}]}"},
    {"stats-show-host", "stats show-host", "{run, sidecar, host, host_before}"},
    {"stats-host-delta", "stats show-host --against", "{before, after, differences: [{key, before, after}]}"},
    {"stats-explain-sidecar", "stats explain-sidecar", "{_walk, fields: {PATH: {none_count, causes, fix}}}"},
    {"show", "show, runs show", "{kind, key, tests, date, unfinished, location, files, manifest, report}"},
    {"show-test", "show RUN TEST, runs show RUN TEST",
     "{tests: [{run, test, outcome, why, metrics, failure_dump, files, again}]}"},
    {"show-thresholds", "show-thresholds", "{tests: [{test, topology, demands: [{name, limit, from}]}]}"},
    {"runs-list", "runs list", "{entries: [{kind, key, tests, date, unfinished, location}]}"},
    {"runs-prune", "runs prune", "{entries: [{kind, entry, run, date, removed}]}"},
    {"store-copy", "store copy, runs merge", "{to, runs: [{key, copied, there, bytes}], refused}"},
    {"kernel-list", "kernel list", "{kernels: [{name, version, release, sched_ext, source, image, ...}]}"},
    {"kernel", "kernel add, kernel fetch", "{name, version, release, sched_ext, source, image, ...}"},
    {"locks", "locks", "{locks: [{what, path, holders}]}"},
    {"plugin-list", "plugin list", "{plugins: [{id, version, library, origin, trust, problem, provides}]}"},
    {"plugin-info", "plugin info",
     "{provides: [{interface, name, summary, options_schema, id, version, ...}]}"},
    {"plugin-check", "plugin check", "{state, counts, cases: [{subject, case, promise, state, message}]}"},
    {"plugin-check-cases", "plugin check --list", "{cases: [{name, kind, promise}]}"},
    {"plugin-fuzz", "plugin check --fuzz", "{state, seed, subjects: [{subject, cases, skipped, findings}]}"},
    {"config-show", "config show", "{values: {KEY: {value, from}}}"},
};

}  // namespace

std::span<const DocumentRow> documents() { return kDocuments; }

json::object document(std::string_view name, json::object members) {
  const auto row = std::find_if(std::begin(kDocuments), std::end(kDocuments),
                                [&](const DocumentRow& one) { return one.name == name; });
  KTSTR_ASSERT(row != std::end(kDocuments));
  json::object out{{"schema_version", row->version}, {"document", owned(name)}};
  out.reserve(members.size() + 2);
  for (auto& member : members) out.emplace(member.key(), std::move(member.value()));
  return out;
}

}  // namespace ktstr
