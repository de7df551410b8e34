// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_file.hpp"

#include <algorithm>
#include <cstdio>
#include <ktstr/kit/assert.hpp>
#include <ktstr/kit/text.hpp>
#include <optional>
#include <string_view>

namespace ktstr::kvm {
namespace {

/// "  spin/0-90  [001] d..2.  12.345678: sched_switch: …": its time in microseconds; nothing for another
/// line.
std::optional<std::uint64_t> event_time(std::string_view line) {
  const std::size_t cpu = line.find(" [");
  const std::size_t end = cpu == std::string_view::npos ? cpu : line.find(": ", cpu);
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t begin = line.rfind(' ', end);
  unsigned long long whole = 0;
  unsigned microseconds = 0;
  const std::string time(line.substr(begin + 1, end - begin - 1));
  if (time.size() > 24 || std::sscanf(time.c_str(), "%llu.%6u", &whole, &microseconds) != 2)
    return std::nullopt;
  return whole * 1'000'000 + microseconds;
}

/// An instant on the track of a process of its own, as programs write it to trace_marker.
std::string mark_line(const std::string& label, std::uint64_t at_ns) {
  char time[40];
  const unsigned long long us = at_ns / 1000;
  std::snprintf(time, sizeof time, "%llu.%06llu", us / 1'000'000, us % 1'000'000);
  std::string name = printable_start(label, 80);
  std::replace(name.begin(), name.end(), '|', '/');
  return "           ktstr-1       [000] ..... " + std::string(time) + ": tracing_mark_write: I|1|" + name +
         '\n';
}

struct Instant {
  std::uint64_t at_ns = 0;
  std::string label;
};

std::vector<Instant> instants_of(const ScenarioReport& scenario) {
  std::vector<Instant> instants{{scenario.start_ns, "scenario starts"}};
  for (std::size_t m = 0; m + 1 < scenario.marks.size(); ++m) {
    if (!scenario.marks[m].label.empty())
      instants.push_back({scenario.marks[m].at_ns, scenario.marks[m].label});
  }
  instants.push_back({scenario.end_ns, "scenario ends"});
  return instants;
}

}  // namespace

std::string trace_file(const std::string& traced, const ScenarioReport& scenario) {
  const std::vector<Instant> instants = instants_of(scenario);
  std::size_t next = 0, events = 0;
  std::string out = "# tracer: nop\n#\n";
  for (const std::string& line : kit::lines(traced)) {
    if (line.starts_with("# entries-in-buffer")) out += valid_utf8(line) + '\n';
    const std::optional<std::uint64_t> at = line.starts_with('#') ? std::nullopt : event_time(line);
    if (!at || line.size() > 1000) continue;
    for (; next < instants.size() && instants[next].at_ns / 1000 <= *at; ++next)
      out += mark_line(instants[next].label, instants[next].at_ns);
    out += valid_utf8(line) + '\n';
    ++events;
  }
  for (; next < instants.size(); ++next) out += mark_line(instants[next].label, instants[next].at_ns);
  KTSTR_ASSERT(next == instants.size());  // each mark once, wherever it fell
  return events == 0 ? std::string() : out;
}

}  // namespace ktstr::kvm
