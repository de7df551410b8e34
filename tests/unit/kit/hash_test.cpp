// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/hash.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ktstr::kit {
namespace {

constexpr const char* kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Hash, Sha256OfTheStandardsExamples) {
  EXPECT_EQ(sha256_of(""), kOfNothing);
  EXPECT_EQ(sha256_of("abc"), kOfAbc);
  Sha256 in_pieces;
  in_pieces.add("a");
  in_pieces.add("");
  in_pieces.add("bc");
  EXPECT_EQ(in_pieces.finish(), kOfAbc);
}

TEST(Hash, FilesAreReadFromWhereTheyStandToTheirEnd) {
  const int fd = ::memfd_create("hash-test", MFD_CLOEXEC);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::write(fd, "xabc", 4), 4);
  std::string sum;
  ASSERT_EQ(::lseek(fd, 1, SEEK_SET), 1);
  EXPECT_TRUE(sha256_of_file(fd, sum));
  EXPECT_EQ(sum, kOfAbc);
  EXPECT_TRUE(sha256_of_file(fd, sum));
  EXPECT_EQ(sum, kOfNothing);
  ::close(fd);
  EXPECT_FALSE(sha256_of_file(-1, sum));
}

TEST(Hash, HexKeepsEveryBit) { EXPECT_EQ(hex(std::string("\0\x0f\xf0\xff", 4)), "000ff0ff"); }

}  // namespace
}  // namespace ktstr::kit
