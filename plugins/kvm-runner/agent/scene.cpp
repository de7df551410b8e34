// SPDX-License-Identifier: Apache-2.0
#include "agent/scene.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "agent/files.hpp"

namespace ktstr::agent {
namespace {

constexpr const char* kDumpEvent = "/sys/kernel/tracing/events/sched_ext/sched_ext_dump/enable";
constexpr std::size_t kLongestStackText = 2048;

/// The numbers that a directory of /proc has as names, in ascending order.
std::vector<std::int64_t> numbered_entries(const std::string& directory) {
  std::vector<std::int64_t> numbers;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::opendir(directory.c_str()), &::closedir);
  for (const dirent* entry = nullptr; listing && (entry = ::readdir(listing.get())) != nullptr;) {
    const std::string_view name = entry->d_name;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::uint64_t stat_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

bool parse_task(std::string_view stat, kvm::GuestTask& task, bool& kernel) {
  constexpr std::size_t kState = 0, kFlags = 6, kCpu = 36, kPolicy = 38;  // fields after the name
  constexpr std::uint64_t kKernelThread = 0x00200000;
  const std::size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  task.name = stat.substr(open + 1, close - open - 1);
  std::vector<std::string_view> fields;
  for (std::size_t at = close + 2; at < stat.size();) {
    const std::size_t end = std::min(stat.find(' ', at), stat.size());
    fields.push_back(stat.substr(at, end - at));
    at = end + 1;
  }
  if (fields.size() <= kPolicy || fields[kState].empty()) return false;
  task.state = fields[kState].substr(0, 1);
  task.cpu = stat_number(fields[kCpu]);
  task.policy = stat_number(fields[kPolicy]);
  kernel = (stat_number(fields[kFlags]) & kKernelThread) != 0;
  return true;
}

std::vector<kvm::GuestTask> read_tasks(const std::string& proc, std::size_t most) {
  std::vector<kvm::GuestTask> tasks;
  for (const std::int64_t pid : numbered_entries(proc)) {
    if (pid == 1) continue;  // the agent itself
    const std::string threads = proc + "/" + std::to_string(pid) + "/task";
    for (const std::int64_t tid : numbered_entries(threads)) {
      if (tasks.size() >= most) return tasks;
      const std::string task = threads + "/" + std::to_string(tid);
      kvm::GuestTask view;
      bool kernel = false;
      if (!parse_task(read_text((task + "/stat").c_str()), view, kernel)) continue;
      if (kernel && view.state != "D") continue;
      view.tid = tid, view.pid = pid;
      view.wchan = read_text((task + "/wchan").c_str());
      if (view.wchan == "0") view.wchan.clear();
      view.stack = read_text((task + "/stack").c_str(), kLongestStackText);
      tasks.push_back(std::move(view));
    }
  }
  return tasks;
}

void keep_scheduler_dumps() {
  if (::access(kDumpEvent, W_OK) != 0) return;
  write_text("/sys/kernel/tracing/buffer_size_kb", "64");
  write_text(kDumpEvent, "1");
}

std::string dump_lines(std::string_view trace, std::size_t most) {
  constexpr std::string_view kMark = "sched_ext_dump: ";
  std::string dump;
  for (std::size_t at = trace.find(kMark); at != std::string_view::npos && dump.size() < most;
       at = trace.find(kMark, at)) {
    at += kMark.size();
    dump += trace.substr(at, std::min(trace.find('\n', at), trace.size()) - at);
    dump += '\n';
  }
  if (dump.size() > most) dump.resize(most);
  return dump;
}

std::string scheduler_dump(std::size_t most) {
  if (::access(kDumpEvent, R_OK) != 0) return {};
  return dump_lines(read_text("/sys/kernel/tracing/trace", 4 * most), most);
}

}  // namespace ktstr::agent
