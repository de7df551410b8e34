// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/guest.hpp"

namespace ktstr::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Mailbox, LiesAtAnEndOfAReservedRange) {
  EXPECT_THAT(mailbox_candidates("00000000-00000fff : Reserved\n"
                                 "00001000-0009fbff : System RAM\n"
                                 "00100000-13ffffff : System RAM\n"
                                 "  01000000-01ffffff : Kernel code\n"
                                 "14000000-1fffffff : Reserved\n"
                                 "b0000000-bfffffff : PCI ECAM 0000 [bus 00-ff]\n"
                                 "  b0000000-bfffffff : Reserved\n"),
              ElementsAre(0x14000000));
  EXPECT_THAT(mailbox_candidates("14000000-2001ffff : reserved"),
              ElementsAre(0x14020000, 0x14000000));  // with a neighbour, on older kernels
}

TEST(Mailbox, IsNotLookedForWhereItCannotBe) {
  EXPECT_THAT(mailbox_candidates(""), IsEmpty());
  EXPECT_THAT(mailbox_candidates("00000000-00000000 : Reserved\n00000000-00000000 : Reserved\n"),
              IsEmpty());                                                        // what others than root see
  EXPECT_THAT(mailbox_candidates("80000000-ffffffff : Reserved\n"), IsEmpty());  // devices
  EXPECT_THAT(mailbox_candidates("14000000-1fffffff : System RAM\n2000-1000 : Reserved\nx\n-\n1-\n ffff"),
              IsEmpty());
}

}  // namespace
}  // namespace ktstr::agent
