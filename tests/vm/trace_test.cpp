// SPDX-License-Identifier: Apache-2.0
//
// A trace of a real guest, read line by line as trace viewers do: every CPU's switches follow one another.
#include <gmock/gmock.h>

#include <regex>
#include <set>
#include <sstream>

#include "vm_case.hpp"

namespace ktstr::vm {
namespace {

constexpr const char* kTracedManifest =
    R"({"name": "traced", "topology": "1n1l2c1t", "duration_ms": 200, "trace": true,
  "cgroups": [{"name": "bursts", "workers": 3, "work": {"type": "Bursty", "busy_us": 2000, "sleep_us": 3000}}],
  "steps": [{"name": "calm", "hold_ms": 100}, {"name": "late", "hold_ms": 100}]})";

struct Event {
  std::string cpu, name, arguments;
  double time = 0;
};

/// What viewers of ftrace text take a line for.
std::vector<Event> events_of(const std::string& trace) {
  static const std::regex kLine(R"(^ *.+-(\d+) +\[(\d+)\] [a-zA-Z0-9.]{0,5} +(\d+\.\d{6}): (\w+): (.*)$)");
  std::vector<Event> events;
  std::istringstream lines(trace);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (line.starts_with('#')) continue;
    EXPECT_TRUE(std::regex_match(line, match, kLine)) << line;
    if (!match.empty()) events.push_back({match[2], match[4], match[5], std::stod(match[3])});
  }
  return events;
}

std::string field(const std::string& arguments, const std::string& name) {
  std::smatch match;
  return std::regex_search(arguments, match, std::regex(name + "=([^ ]+)")) ? match[1].str() : "";
}

class TraceVm : public VmCase {};

TEST_F(TraceVm, SwitchesWakeUpsAndMarksFollowOneAnother) {
  const TestRecord record = run_one(kTracedManifest, {{"deterministic", true}});
  ASSERT_EQ(record.outcome, KTSTR_TEST_PASSED) << record.message;
  EXPECT_TRUE(record.trace.starts_with("# tracer: nop\n")) << "by which viewers know it";
  const std::vector<Event> events = events_of(record.trace);
  std::map<std::string, std::string> running;
  std::set<std::string> workers, marks;
  std::size_t switches = 0, wakings = 0;
  double last = 0;
  for (const Event& event : events) {
    EXPECT_GE(event.time, last) << event.arguments;
    last = event.time;
    if (event.name == "sched_switch") {
      const auto before = running.find(event.cpu);
      if (before != running.end()) {
        EXPECT_EQ(field(event.arguments, "prev_pid"), before->second) << event.arguments;
      }
      running[event.cpu] = field(event.arguments, "next_pid");
      if (const std::string name = field(event.arguments, "next_comm"); name.starts_with("bursts/"))
        workers.insert(name);
      ++switches;
    } else if (event.name == "sched_waking") {
      ++wakings;
    } else if (event.name == "tracing_mark_write") {
      marks.insert(event.arguments);
    }
  }
  EXPECT_EQ(workers, (std::set<std::string>{"bursts/0", "bursts/1", "bursts/2"}));
  EXPECT_GT(switches, 100U);
  EXPECT_GT(wakings, 50U);
  for (const char* mark : {"I|1|scenario starts", "I|1|calm", "I|1|late", "I|1|scenario ends"})
    EXPECT_TRUE(marks.contains(mark)) << mark;
  EXPECT_EQ(record.trace, run_one(kTracedManifest, {{"deterministic", true}}).trace)
      << "in virtual time always the same";
}

TEST_F(TraceVm, ARequestAsksForItAndOtherwiseThereIsNone) {
  std::string manifest = kTracedManifest;
  manifest.replace(manifest.find(", \"trace\": true"), 15, "");
  EXPECT_EQ(run_one(manifest, {{"deterministic", true}}).trace, "");
  EXPECT_NE(run_one(manifest, {{"deterministic", true}, {"trace", true}}).trace, "");
}

}  // namespace
}  // namespace ktstr::vm
