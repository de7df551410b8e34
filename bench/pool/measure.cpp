// SPDX-License-Identifier: Apache-2.0
//
// pool-measure KTSTR PARSE_ONLY PROJECT EMPTY BASELINE: runs each program several times, alternating, and
// prints medians, ratios and peak memory as a table. "Cold" is without an index; the files are in the page
// cache for everybody alike.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Command = std::vector<std::string>;

struct Run {
  double ms = 0, cpu_ms = 0;
  long peak_kib = 0;
};

Run run_once(const Command& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  for (const int fd : {1, 2}) ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
  const auto begin = std::chrono::steady_clock::now();
  pid_t pid = 0;
  if (const int error = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ); error != 0) {
    std::fprintf(stderr, "%s: %s\n", argv[0], std::strerror(error));
    std::exit(3);
  }
  int status = 0;
  rusage usage{};
  ::wait4(pid, &status, 0, &usage);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  ::posix_spawn_file_actions_destroy(&actions);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
    std::fprintf(stderr, "%s %s ended with status %d\n", argv[0], command.size() > 1 ? argv[1] : "", status);
    std::exit(3);
  }
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return {took.count(), ms(usage.ru_utime) + ms(usage.ru_stime), usage.ru_maxrss};
}

Run median(std::vector<Run> runs) {
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.ms < b.ms; });
  return runs[runs.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6)
    return std::fputs("usage: pool-measure KTSTR PARSE_ONLY PROJECT EMPTY BASELINE\n", stderr), 2;
  const std::string ktstr = argv[1], project = argv[3], root = project + "/target/ktstr";
  const Command parse_only = {argv[2], root}, nothing = {"/bin/true"};
  const Command list = {ktstr, "-C", project, "stats", "list"},
                values = {ktstr, "-C", project, "stats", "list-values"};
  const Command delta = {ktstr, "-C", project, "perf-delta", "--base", argv[5]};
  const auto forget = [&] {
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(root + "/.index.sqlite" + suffix);
  };
  const auto times = [](int count, const auto& once) {
    std::vector<Run> runs;
    for (int i = 0; i < count; ++i) runs.push_back(once());
    return median(runs);
  };
  run_once(parse_only);  // fills the page cache

  std::vector<Run> floors, cold_values, cold_deltas;
  for (int i = 0; i < 5; ++i) {
    floors.push_back(run_once(parse_only));
    forget();
    cold_values.push_back(run_once(values));
    forget();
    cold_deltas.push_back(run_once(delta));
  }
  const Run floor = median(floors);
  std::printf(
      "| what | median | CPU time | against | peak memory | target |\n|---|---:|---:|---:|---:|---|\n");
  const auto row = [](const char* what, const Run& run, const std::string& against, const char* target) {
    std::printf("| %s | %.1f ms | %.1f ms | %s | %.0f MiB | %s |\n", what, run.ms, run.cpu_ms,
                against.c_str(), static_cast<double>(run.peak_kib) / 1024, target);
  };
  const auto ratio = [&](const Run& run) {
    char text[40];
    std::snprintf(text, sizeof text, "%.2fx, CPU %.2fx", run.ms / floor.ms, run.cpu_ms / floor.cpu_ms);
    return std::string(text);
  };
  const auto above = [](const Run& run, const Run& base) {
    char text[40];
    std::snprintf(text, sizeof text, "+%.1f ms", run.ms - base.ms);
    return std::string(text);
  };
  row("read and parse with simdjson, nothing else", floor, "1", "");
  row("`stats list-values`, cold: every file is read", median(cold_values), ratio(median(cold_values)),
      "1.5x");
  row("`perf-delta`, cached mode, cold", median(cold_deltas), ratio(median(cold_deltas)), "1.5x");
  run_once(list);
  row("`stats list`, warm", times(15, [&] { return run_once(list); }), "", "50 ms");
  row("`perf-delta`, cached mode, warm", times(15, [&] { return run_once(delta); }), "", "100 ms");
  const Run base = times(31, [&] { return run_once(nothing); });
  const Run version = times(31, [&] { return run_once({ktstr, "--version"}); });
  const Run empty = times(31, [&] { return run_once({ktstr, "-C", argv[4], "stats", "list"}); });
  row("`/bin/true`", base, "", "");
  row("`ktstr --version`", version, above(version, base), "+5 ms");
  row("`stats list` without runs", empty, "", "15 ms");
  return 0;
}
