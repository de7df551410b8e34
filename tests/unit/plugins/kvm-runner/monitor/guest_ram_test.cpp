// SPDX-License-Identifier: Apache-2.0
#include "monitor/guest_ram.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "synthetic_guest.hpp"

namespace ktstr::kvm {
namespace {

using testing::kDirectMap;
using testing::SyntheticGuest;

constexpr std::uint64_t kMegabyte = 1 << 20, kGigabyte = 1 << 30;

void write(const GuestMemory& memory, std::size_t node, off_t at, std::uint32_t value) {
  ASSERT_EQ(::pwrite(memory.node(node).fd, &value, sizeof value, at), static_cast<ssize_t>(sizeof value));
}

TEST(GuestRam, NodesFollowOneAnother) {
  const GuestMemory memory({2 * kMegabyte, kMegabyte});
  write(memory, 1, 4096, 42);
  const GuestRam ram(memory);
  EXPECT_EQ(ram.read<std::uint32_t>(2 * kMegabyte + 4096), 42U);
  EXPECT_TRUE(ram.read<std::uint32_t>(3 * kMegabyte - 4));
  for (const std::uint64_t outside : {3 * kMegabyte - 3, 3 * kMegabyte, 2 * kMegabyte - 1,
                                      std::uint64_t{0} - 1, 4 * kGigabyte, std::uint64_t{1} << 63U})
    EXPECT_FALSE(ram.read<std::uint32_t>(outside)) << outside;
}

TEST(GuestRam, WhatDoesNotFitBelowTheDevicesLiesAboveFourGiB) {
  const GuestMemory memory({3 * kGigabyte, kGigabyte});
  write(memory, 0, static_cast<off_t>(2 * kGigabyte), 7);
  write(memory, 1, 0, 8);
  const GuestRam ram(memory);
  EXPECT_EQ(ram.read<std::uint32_t>(4 * kGigabyte), 7U);
  EXPECT_EQ(ram.read<std::uint32_t>(5 * kGigabyte), 8U);
  EXPECT_TRUE(ram.read<std::uint32_t>(2 * kGigabyte - 4));
  EXPECT_FALSE(ram.read<std::uint32_t>(2 * kGigabyte)) << "there are devices";
  EXPECT_FALSE(ram.read<std::uint32_t>(6 * kGigabyte));
}

TEST(AddressSpace, FollowsPageTables) {
  SyntheticGuest guest(1);
  guest.put<std::uint32_t>(0x345678, 99);
  const GuestRam ram(guest.memory());
  const AddressSpace space(ram, SyntheticGuest::kRoot, false);
  EXPECT_EQ(space.physical(kDirectMap + 0x345678), 0x345678U);
  EXPECT_EQ(space.read<std::uint32_t>(kDirectMap + 0x345678), 99U);
  EXPECT_FALSE(space.physical(kDirectMap + SyntheticGuest::kBytes)) << "not mapped";
  EXPECT_FALSE(space.read<std::uint64_t>(kDirectMap + 4096 - 4)) << "across pages";
  // A small page, by one more table.
  guest.put<std::uint64_t>(0x12000 + 3 * 8, 0x13000 | 1U);
  guest.put<std::uint64_t>(0x13000 + 5 * 8, 0x345000 | 1U);
  EXPECT_EQ(space.read<std::uint32_t>(kDirectMap + (6 << 20) + 0x5678), 99U);
  // Five levels lead through one more table, too.
  guest.put<std::uint64_t>(0x14000 + (kDirectMap >> 48U & 511U) * 8, SyntheticGuest::kRoot | 1U);
  EXPECT_EQ(AddressSpace(ram, 0x14000, true).read<std::uint32_t>(kDirectMap + 0x345678), 99U);
}

TEST(AddressSpace, TablesThatLeadNowhereOrInCirclesEnd) {
  SyntheticGuest guest(1);
  const GuestRam ram(guest.memory());
  const AddressSpace space(ram, SyntheticGuest::kRoot, false);
  for (std::uint64_t entry = 0; entry < 512; ++entry)
    guest.put<std::uint64_t>(SyntheticGuest::kRoot + entry * 8, SyntheticGuest::kRoot | 1U);
  EXPECT_TRUE(space.physical(kDirectMap)) << "a table of itself is a page of itself in the end";
  guest.put<std::uint64_t>(SyntheticGuest::kRoot + (kDirectMap >> 39U & 511U) * 8, 0x000ffffffffff001);
  EXPECT_FALSE(space.physical(kDirectMap));
}

}  // namespace
}  // namespace ktstr::kvm
