// SPDX-License-Identifier: Apache-2.0
//
// Texts as Linux 6.18 writes them.
#include "agent/counters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/numa.hpp"

namespace ktstr::agent {
namespace {

using ::testing::ElementsAre;

std::optional<std::uint64_t> total(const CounterReading& reading, std::string_view name) {
  return reading.totals.at(kvm::counter_row(name));
}

TEST(Counters, AreReadFromTheKernelsFiles) {
  CounterFiles files;
  files.schedstat =
      "version 17\ntimestamp 4294\ncpu0 1 0 30 4 50 6 70 800 9\ndomain0 MC 3 0 0 0\ncpu1 1 0 30 4 50 6 70 "
      "800 9\n";
  files.stat = "cpu  1 2 3 400 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\nintr 99 1 2\nctxt 1234\nprocesses 77\n";
  files.softirqs =
      "                    CPU0       CPU1\n      TIMER:         10         20\n     NET_RX:          1      "
      "    2\n";
  files.interrupts =
      "           CPU0       CPU1\n 24:          5          7  IO-APIC   5-edge      ACPI:Ged\nLOC:        "
      "100        200   Local timer interrupts\nERR:          0\n";
  files.irq_pressure = "full avg10=0.00 avg60=0.00 avg300=0.00 total=4242\n";
  files.vmstat = "nr_free_pages 1\nnuma_pages_migrated 12\n";
  files.sched_ext_events = "SCX_EV_SELECT_CPU_FALLBACK 3\nSCX_EV_DISPATCH_KEEP_LAST 44\n";
  const CounterReading reading = parse_counters(files, 10'000'000);
  EXPECT_EQ(total(reading, "yld_count"), 2U);
  EXPECT_EQ(total(reading, "sched_count"), 60U);
  EXPECT_EQ(total(reading, "run_delay_ns"), 1600U);
  EXPECT_EQ(total(reading, "pcount"), 18U);
  EXPECT_EQ(total(reading, "irq_time_ns"), 60'000'000U);
  EXPECT_EQ(total(reading, "steal_time_ns"), 80'000'000U);
  EXPECT_EQ(total(reading, "context_switches"), 1234U);
  EXPECT_EQ(total(reading, "softirq_timer"), 30U);
  EXPECT_EQ(total(reading, "hardirqs"), 312U);
  EXPECT_THAT(reading.by_cpu.at(kvm::counter_row("hardirqs")), ElementsAre(105, 207));
  EXPECT_THAT(reading.by_cpu.at(kvm::counter_row("softirq_net_rx")), ElementsAre(1, 2));
  EXPECT_EQ(total(reading, "irq_pressure_us"), 4242U);
  EXPECT_EQ(total(reading, "numa_pages_migrated"), 12U);
  EXPECT_EQ(total(reading, "scx_fallback"), 3U);
  EXPECT_EQ(total(reading, "scx_keep_last"), 44U);
  EXPECT_EQ(total(reading, "scx_bypass_dispatch"), std::nullopt);
}

TEST(Counters, AreAbsentWhereTheKernelHasNone) {
  const CounterReading reading = parse_counters({}, 1);
  for (const auto& value : reading.totals) EXPECT_FALSE(value.has_value());
}

TEST(NumaPages, AreCountedByNode) {
  EXPECT_THAT(anonymous_pages_by_node("7f00 default anon=5 dirty=5 N0=3 N1=2 kernelpagesize_kB=4\n"
                                      "7f10 default file=/bin/x mapped=9 N0=9\n"
                                      "7f20 bind:1 anon=4 dirty=4 N1=4\n"),
              ElementsAre(3, 6));
}

}  // namespace
}  // namespace ktstr::agent
