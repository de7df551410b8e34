// SPDX-License-Identifier: Apache-2.0
#include "agent/monitor_map.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ktstr::agent {
namespace {

TEST(MonitorMap, TheKernelsCodeBeginsWhereIomemSays) {
  EXPECT_EQ(kernel_code_start("00001000-0009fbff : System RAM\n"
                              "00100000-1bffffff : System RAM\n"
                              "  01000000-01ffffff : Kernel code\n"
                              "  02000000-029fffff : Kernel rodata\n"),
            0x1000000U);
  EXPECT_EQ(kernel_code_start("  180000000-181ffffff : Kernel code"), 0x180000000U);
  EXPECT_EQ(kernel_code_start("00001000-0009fbff : System RAM\n"), 0U);
  EXPECT_EQ(kernel_code_start(" : Kernel code"), 0U);
  EXPECT_EQ(kernel_code_start(""), 0U);
}

TEST(MonitorMap, WithoutTypeInformationAllFieldsAreAbsent) {
  for (const std::string_view bytes :
       {std::string_view(), std::string_view("no BTF at all, and no more of it")}) {
    kvm::MonitorMap map;
    take_fields(bytes, map);
    EXPECT_TRUE(
        std::all_of(map.fields.begin(), map.fields.end(), [](auto field) { return field == kvm::kNoField; }));
  }
}

TEST(MonitorMap, EveryCounterAndSymbolIsInItsTable) {
  EXPECT_EQ(kvm::monitor_field("rq", "nr_running"), 0U);
  EXPECT_EQ(kvm::monitor_field("rq", "nothing"), kvm::kMonitorFields.size());
  EXPECT_EQ(kvm::monitor_symbol("nothing"), kvm::kMonitorSymbols.size());
  EXPECT_LT(kvm::monitor_symbol("scx_root"), kvm::monitor_symbol("event_stats_cpu"));
}

}  // namespace
}  // namespace ktstr::agent
