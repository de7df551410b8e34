// SPDX-License-Identifier: Apache-2.0
//
// The table of commands: parsing, help and docs/commands.md are made from it. A group stands before its
// members.
#include "cli/command.hpp"

// X(the words behind "ktstr", the function that adds its options and says what it does, summary, lines to
// copy)
#define KTSTR_COMMANDS(X)                                                                                    \
  X("test", define_test, "run the project's tests in VMs and store their sidecars",                          \
    "ktstr test --kernel 6.18\n"                                                                             \
    "ktstr test wakeup --deterministic --seed 7\n"                                                           \
    "ktstr test -E 'scheduler(my_sched) and not topology(1n1l*)'\n"                                          \
    "ktstr test --kernel 6.12..6.18 --partition slice:1/4\n"                                                 \
    "ktstr test --failed\n"                                                                                  \
    "ktstr test --relevant --base v1.0\n"                                                                    \
    "ktstr test --budget 10m")                                                                               \
  X("affected", define_affected, "which tests the change since a commit can touch, and why",                 \
    "ktstr affected\n"                                                                                       \
    "ktstr affected --base v1.0 --json")                                                                     \
  X("shell", define_shell, "a shell in a guest like a test's, or one command there",                         \
    "ktstr shell wakeups --exec 'nproc'\n"                                                                   \
    "ktstr shell --topology 1n2l4c1t --kernel 6.18 --dry-run")                                               \
  X("verifier", define_verifier, "load schedulers on kernels: what the BPF verifier makes of each program",  \
    "ktstr verifier my_sched --kernel 6.18\n"                                                                \
    "ktstr verifier --kernel 6.17..6.18 --json")                                                             \
  X("init", define_init, "write a first project: configuration, a test, a CI file",                          \
    "ktstr init ~/src/my_sched\n"                                                                            \
    "ktstr init --ci gitlab ~/src/other")                                                                    \
  X("doctor", define_doctor, "check everything that a run needs, with the fix of what is missing",           \
    "ktstr doctor\n"                                                                                         \
    "ktstr doctor --kernel 6.18 --json")                                                                     \
  X("perf-delta", define_perf_delta, "compare HEAD with a baseline commit and fail when metrics got worse",  \
    "ktstr perf-delta --base HEAD~1\n"                                                                       \
    "ktstr perf-delta --noise-adjust 5 --kernel 6.18\n"                                                      \
    "ktstr perf-delta --axis kernel 6.17 6.18\n"                                                             \
    "ktstr perf-delta --last")                                                                               \
  X("gate", define_group, "the rules that decide what is a regression",                                      \
    "ktstr gate score families.jsonl.gz")                                                                    \
  X("gate score", define_gate_score,                                                                         \
    "judge labelled measurements: how often a gate cries wolf, and what it misses",                          \
    "ktstr gate score families.jsonl.gz --gate fdr --gate welch+threshold -N 5 --rel 5")                     \
  X("calibrate", define_calibrate, "measure HEAD against itself: noise, false alarms, what could be seen",   \
    "ktstr calibrate --kernel 6.18\n"                                                                        \
    "ktstr calibrate --noise-adjust 6 -E wakeup --policy wakeup-policy.json")                                \
  X("bisect", define_bisect, "find the commit, or the kernel, that made a metric worse",                     \
    "ktstr bisect --good v1.0 --bad HEAD -E wakeup --kernel 6.18\n"                                          \
    "ktstr bisect --good HEAD~8 --bad HEAD -E =wakeup --metric worst_p99_wake_latency_us --deterministic\n"  \
    "ktstr bisect wakeups --kernel 6.12..6.18 --deterministic")                                              \
  X("matrix", define_matrix, "the tree's tests on several kernels in one table, every step judged",          \
    "ktstr matrix --kernel 6.12..6.18\n"                                                                     \
    "ktstr matrix wakeups --kernel 6.17 --kernel 6.18..7.3 --deterministic\n"                                \
    "ktstr matrix --kernel 6.12..6.18 --scheduler eevdf,my_sched --markdown")                                \
  X("explore", define_explore,                                                                               \
    "vary tests within bounds in virtual time, in search of a scenario in which something breaks",           \
    "ktstr explore wakeups --seeds 1..50 --kernel 6.18\n"                                                    \
    "ktstr explore wakeups --seeds 1..50 --budget 10m --vary work,cpuset,steps")                             \
  X("cost", define_cost,                                                                                     \
    "what a scheduler costs, to the instruction: run a test with the kernel's code counted",                 \
    "ktstr cost wakeups --kernel 6.18\n"                                                                     \
    "ktstr cost wakeups --base HEAD~1\n"                                                                     \
    "ktstr cost wakeups --svg cost.svg")                                                                     \
  X("stats", define_stats, "analysis of the latest run, and what is in the stored ones",                     \
    "ktstr stats\n"                                                                                          \
    "ktstr stats list")                                                                                      \
  X("stats list", define_stats_list, "the stored runs, most recent first", "ktstr stats list --json")        \
  X("stats list-values", define_stats_values,                                                                \
    "distinct kernels, commits, schedulers, topologies, ... of all sidecars",                                \
    "ktstr stats list-values\n"                                                                              \
    "ktstr stats list-values --dir ~/ci-artifacts")                                                          \
  X("stats list-metrics", define_stats_metrics, "every metric: which way is better, its gates and its unit", \
    "ktstr stats list-metrics\n"                                                                             \
    "ktstr stats list-metrics --details")                                                                    \
  X("stats show-host", define_stats_host, "the machine that a run was measured on",                          \
    "ktstr stats show-host --run 6.14-abc1234\n"                                                             \
    "ktstr stats show-host --run 6.14-def5678 --against 6.14-abc1234")                                       \
  X("stats explain-sidecar", define_stats_explain,                                                           \
    "why fields of a run's sidecars are null, and what would fill them",                                     \
    "ktstr stats explain-sidecar --run 6.14-abc1234")                                                        \
  X("show", define_runs_show,                                                                                \
    "a stored run, or one test of it: how it ended and why, and how to run it again",                        \
    "ktstr show 6.18-abc1234\n"                                                                              \
    "ktstr show 6.18-abc1234 wakeups")                                                                       \
  X("show-thresholds", define_show_thresholds,                                                               \
    "what tests demand of their results, and which layer says each limit",                                   \
    "ktstr show-thresholds wakeups\n"                                                                        \
    "ktstr show-thresholds 'wake*' --json")                                                                  \
  X("runs", define_group, "look after the stored runs",                                                      \
    "ktstr runs list\n"                                                                                      \
    "ktstr runs prune --keep 20 --dry-run")                                                                  \
  X("runs list", define_runs_list, "runs, what re-runs put aside, and sessions of repeated runs",            \
    "ktstr runs list --json")                                                                                \
  X("runs show", define_runs_show, "one of them, or one test of it; the same as ktstr show",                 \
    "ktstr runs show 6.18-abc1234")                                                                          \
  X("runs rm", define_runs_rm, "remove runs, entries of the history or sessions for good",                   \
    "ktstr runs rm 6.18-abc1234-dirty")                                                                      \
  X("runs prune", define_runs_prune,                                                                         \
    "remove old sessions, entries of the history and locks nobody needs; never a run",                       \
    "ktstr runs prune --keep 20 --older-than 90")                                                            \
  X("runs push", define_runs_push, "store what the store refused when it was measured",                      \
    "ktstr runs push --dry-run\n"                                                                            \
    "ktstr runs push")                                                                                       \
  X("runs merge", define_runs_merge,                                                                         \
    "put the parts of a matrix (--partition) together, or refuse what contradicts itself",                   \
    "ktstr runs merge part-1 part-2 part-3")                                                                 \
  X("store", define_group, "where runs are kept: a directory, a bucket of S3, a plugin",                     \
    "ktstr store copy target/ktstr s3://bucket/scx_mine")                                                    \
  X("store copy", define_store_copy, "copy runs from one store into another, every byte read back",          \
    "ktstr store copy target/ktstr ./copies\n"                                                               \
    "ktstr store copy s3://bucket/scx_mine ./copies -E 'wake*' --json")                                      \
  X("export", define_export, "what the stored runs measured, as a table for other programs",                 \
    "ktstr export --csv --output metrics.csv")                                                               \
  X("kernel", define_group, "kernels that tests can boot",                                                   \
    "ktstr kernel fetch 6.18\n"                                                                              \
    "ktstr kernel list")                                                                                     \
  X("kernel list", define_kernel_list, "the cached kernels, newest first", "ktstr kernel list --json")       \
  X("kernel add", define_kernel_add, "copy an image or a build tree's kernel into the cache",                \
    "ktstr kernel add ~/src/linux --name mine")                                                              \
  X("kernel fetch", define_kernel_fetch,                                                                     \
    "get the newest kernel of a version from Debian, signatures checked", "ktstr kernel fetch 6.18")         \
  X("kernel remove", define_kernel_remove, "delete a kernel from the cache",                                 \
    "ktstr kernel remove 6.18.15+deb13-cloud-amd64")                                                         \
  X("locks", define_locks, "who holds what ktstr shares on this machine: runs, the cache, guests in use",    \
    "ktstr locks --json")                                                                                    \
  X("plugin", define_group, "stores, runners, baselines, gates and reporters",                               \
    "ktstr plugin list\n"                                                                                    \
    "ktstr plugin info welch")                                                                               \
  X("plugin list", define_plugin_list, "every plugin on the search path; runs no code of theirs",            \
    "ktstr plugin list --json")                                                                              \
  X("plugin info", define_plugin_info, "load one plugin and show what it offers and takes",                  \
    "ktstr plugin info welch")                                                                               \
  X("plugin check", define_plugin_check, "hold a plugin to what the headers promise, case by case",          \
    "ktstr plugin check build/gate-median.so\n"                                                              \
    "ktstr plugin check --list")                                                                             \
  X("plugin call", define_plugin_call,                                                                       \
    "run a test for a ktstr on another machine: a runner called as the host does, without a store",          \
    "ktstr plugin call discover task.json\n"                                                                 \
    "ktstr plugin call run task.json --test 0 --dir out")                                                    \
  X("plugin new", define_plugin_new, "start a plugin of your own: a copy of an example, with test and CI",   \
    "ktstr plugin new gate worst-run --lang c\n"                                                             \
    "ktstr plugin new reporter chat --dir ~/src/chat")                                                       \
  X("plugin trust", define_plugin_trust, "accept a plugin by the hashes that its files have now",            \
    "ktstr plugin trust ./build/gate-worst-run.so")                                                          \
  X("plugin untrust", define_plugin_untrust, "take that back",                                               \
    "ktstr plugin untrust ./build/gate-worst-run.so")                                                        \
  X("config", define_group, "the merged configuration", "ktstr config show")                                 \
  X("config show", define_config_show, "every value, and where it came from", "ktstr config show --json")    \
  X("completions", define_completions, "the script with which a shell completes ktstr's command lines",      \
    "ktstr completions bash")                                                                                \
  X("help", define_help, "help on a topic or a command",                                                     \
    "ktstr help exit-codes\n"                                                                                \
    "ktstr help perf-delta")

namespace ktstr {

#define KTSTR_DECLARE(words, define, summary, example) void define(CLI::App* command, CommandAction& chosen);
KTSTR_COMMANDS(KTSTR_DECLARE)
#undef KTSTR_DECLARE

void define_group(CLI::App*, CommandAction&) {}

std::span<const Command> commands() {
#define KTSTR_ROW(words, define, summary, example) {words, define, summary, example},
  static constexpr Command kCommands[] = {KTSTR_COMMANDS(KTSTR_ROW)};
#undef KTSTR_ROW
  return kCommands;
}

}  // namespace ktstr
