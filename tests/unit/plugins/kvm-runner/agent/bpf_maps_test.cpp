// SPDX-License-Identifier: Apache-2.0
//
// What of the agent's access to BPF maps needs no kernel; the rest is shown on guests
// (tests/vm/lab_test.cpp).
#include "agent/bpf_maps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/snapshots.hpp"

namespace ktstr::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(BpfNumbers, ArePutWhereTheyAreMeant) {
  std::string bytes(12, '\x11');
  EXPECT_TRUE(put_number(bytes, {4, 2}, 0x0203));
  EXPECT_EQ(bytes, std::string("\x11\x11\x11\x11\x03\x02\x11\x11\x11\x11\x11\x11", 12));
  EXPECT_TRUE(put_number(bytes, {8, 0}, -1)) << "all that follow";
  EXPECT_EQ(bytes.substr(7), "\x11\xff\xff\xff\xff");
}

TEST(BpfNumbers, DoNotLeaveTheirValue) {
  std::string bytes(12, 'x');
  for (const BpfPlace& place : {BpfPlace{0, 0}, BpfPlace{12, 1}, BpfPlace{11, 2}, BpfPlace{0, 3},
                                BpfPlace{0, 16}, BpfPlace{UINT64_MAX, 8}})
    EXPECT_FALSE(put_number(bytes, place, 7)) << place.offset << " " << place.width;
  EXPECT_EQ(bytes, std::string(12, 'x'));
  EXPECT_FALSE(number_in(bytes, {12, 1}, false));
  EXPECT_FALSE(number_in(bytes, {8, 8}, false));
  EXPECT_FALSE(number_in("", {0, 0}, false));
}

TEST(BpfNumbers, HaveASignWhereTheirTypeHas) {
  const std::string bytes("\xfe\xff\xff\xff", 4);
  EXPECT_EQ(number_in(bytes, {}, true), -2);
  EXPECT_EQ(number_in(bytes, {}, false), 4294967294);
  EXPECT_EQ(number_in(bytes, {0, 1}, true), -2);
}

TEST(Snapshots, CpuStatHasThreeFiguresOfInterest) {
  EXPECT_THAT(parse_cpu_stat("usage_usec 12\nuser_usec 3\nnr_throttled 4\nthrottled_usec 500"),
              ElementsAre(Pair("cpu_usage_us", 12), Pair("throttled_periods", 4), Pair("throttled_us", 500)));
  EXPECT_THAT(parse_cpu_stat(""), ElementsAre());
  EXPECT_THAT(parse_cpu_stat("usage_usec\n"), ElementsAre());
}

}  // namespace
}  // namespace ktstr::agent
