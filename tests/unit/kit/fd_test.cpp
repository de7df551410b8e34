// SPDX-License-Identifier: Apache-2.0
#include "ktstr/kit/fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace ktstr::kit {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(FdTest, ClosesWhatItOwnsAndKeepsErrno) {
  Pipe pipe;
  ASSERT_TRUE(pipe.open());
  const int read = pipe.read.get(), write = pipe.write.get();
  EXPECT_EQ(::fcntl(read, F_GETFD), FD_CLOEXEC);
  errno = ENOSPC;
  pipe.read = std::move(pipe.write);
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_FALSE(is_open(read));
  EXPECT_EQ(pipe.read.get(), write);
  EXPECT_FALSE(pipe.write.open());
  const int released = pipe.read.release();
  EXPECT_TRUE(is_open(released));
  const Fd again(released);
}

TEST(FdTest, WritesAllOrSaysWhyNot) {
  const Fd file(::memfd_create("test", MFD_CLOEXEC));
  ASSERT_TRUE(write_all(file.get(), "hello"));
  ASSERT_TRUE(write_all_at(file.get(), "y!", 4));
  char text[7] = {};
  ASSERT_EQ(::pread(file.get(), text, 6, 0), 6);
  EXPECT_STREQ(text, "helly!");
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_FALSE(write_all(full.get(), "x"));
  EXPECT_EQ(errno, ENOSPC);
}

}  // namespace
}  // namespace ktstr::kit
