// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ktstr::kvm {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ScenarioReport two_marks() {
  ScenarioReport scenario;
  scenario.start_ns = 5'000'000'000;
  scenario.end_ns = 6'000'000'000;
  scenario.marks = {
      {5'000'000'000, "", {}, {}}, {5'400'000'000, "storm|\x1b[1m", {}, {}}, {6'000'000'000, "", {}, {}}};
  return scenario;
}

TEST(TraceFile, MarksStandAmongTheEventsInTheOrderOfTime) {
  const std::string traced =
      "# tracer: nop\n# entries-in-buffer/entries-written: 2/9   #P:2\n"
      "          <idle>-0       [000] d..2.     5.300000: sched_switch: prev_comm=swapper/0 prev_pid=0\n"
      "          spin/0-90      [001] d..2.     5.500000: sched_switch: prev_comm=a: [b prev_pid=90\n";
  EXPECT_EQ(
      trace_file(traced, two_marks()),
      "# tracer: nop\n#\n# entries-in-buffer/entries-written: 2/9   #P:2\n"
      "           ktstr-1       [000] ..... 5.000000: tracing_mark_write: I|1|scenario starts\n"
      "          <idle>-0       [000] d..2.     5.300000: sched_switch: prev_comm=swapper/0 prev_pid=0\n"
      "           ktstr-1       [000] ..... 5.400000: tracing_mark_write: I|1|storm/\\x1b[1m\n"
      "          spin/0-90      [001] d..2.     5.500000: sched_switch: prev_comm=a: [b prev_pid=90\n"
      "           ktstr-1       [000] ..... 6.000000: tracing_mark_write: I|1|scenario ends\n");
}

TEST(TraceFile, WhatIsNoEventIsLeftOut) {
  for (const char* nothing : {"", "# tracer: nop\n", "hello\n", "a [0] b\n", "a [0] 5: x\n", " [0] : \n"})
    EXPECT_EQ(trace_file(nothing, two_marks()), "") << nothing;
  const std::string traced = "x-1 [0] .. 5.1: " + std::string(2000, 'a') + "\ny-1 [0] .. 5.100000: b\xff\n";
  EXPECT_THAT(trace_file(traced, two_marks()), HasSubstr("y-1 [0] .. 5.100000: b\xef\xbf\xbd\n"));
  EXPECT_THAT(trace_file(traced, two_marks()), Not(HasSubstr("aaaa")));
}

}  // namespace
}  // namespace ktstr::kvm
