// SPDX-License-Identifier: Apache-2.0
#include "tree_writer.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <ktstr/kit/assert.hpp>
#include <vector>

namespace ktstr::git {
namespace {

using sdk::Error;

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr off_t kPiece = 16 << 20;

bool is_dot_git(std::string_view name) {
  return name.size() == 4 && std::equal(name.begin(), name.end(), ".git", [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b;
         });
}

/// Copies up to `length` bytes at `at`; how many it were, 0 at the end of the file.
off_t copy_piece(int from, int to, off_t at, off_t length, const std::string& what) {
  off_t in = at, out = at;
  const ssize_t done = ::copy_file_range(from, &in, to, &out, static_cast<std::size_t>(length), 0);
  if (done >= 0) return done;
  if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
    fail("cannot copy " + what);
  std::vector<char> buffer(static_cast<std::size_t>(std::min<off_t>(length, 1 << 20)));
  const ssize_t n = ::pread(from, buffer.data(), buffer.size(), at);
  if (n < 0) fail("cannot read " + what);
  if (::lseek(to, at, SEEK_SET) < 0) fail("cannot write " + what);
  write_all(to, {buffer.data(), static_cast<std::size_t>(n)}, what);
  return n;
}

void copy_contents(int from, int to, off_t size, const std::string& what,
                   const std::function<bool()>& cancelled) {
  if (::ioctl(to, FICLONE, from) == 0) return;
  for (off_t at = 0; at < size;) {
    off_t data = ::lseek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // nothing but a hole from here
    off_t hole = data < 0 ? size : ::lseek(from, data, SEEK_HOLE);
    if (data < 0) data = at;  // a file system without holes
    if (hole < 0) hole = size;
    for (at = data; at < std::min(hole, size);) {
      if (cancelled()) throw Error(KTSTR_CANCELLED, "stopped while copying " + what);
      const off_t done = copy_piece(from, to, at, std::min(kPiece, std::min(hole, size) - at), what);
      if (done == 0) return;  // it became shorter under us
      KTSTR_ASSERT(done > 0 && done <= kPiece);
      at += done;
    }
  }
  if (::ftruncate(to, size) != 0) fail("cannot write " + what);
}

}  // namespace

TreeWriter::TreeWriter(const std::string& destination)
    : root_(::open(destination.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), destination_(destination) {
  if (!root_.open()) fail("cannot open " + destination);
}

kit::Fd TreeWriter::open_parent(std::string_view path, std::string& name) {
  const std::string_view whole = path;
  int at = ::fcntl(root_.get(), F_DUPFD_CLOEXEC, 0);
  for (;;) {
    kit::Fd here(at);
    const std::size_t slash = path.find('/');
    const std::string part(path.substr(0, slash));
    if (part.empty() || part == "." || part == ".." || is_dot_git(part) ||
        part.find('\0') != std::string::npos) {
      throw Error(KTSTR_BAD_DATA,
                  "the tree has an entry that could lead out of the checkout: " + std::string(whole));
    }
    if (slash == std::string_view::npos) {
      KTSTR_ASSERT(part.find('/') == std::string::npos);
      name = part;
      return here;
    }
    if (::mkdirat(here.get(), part.c_str(), 0777) != 0 && errno != EEXIST)
      fail("cannot make a directory in " + destination_);
    at = ::openat(here.get(), part.c_str(), kDirectory);
    if (at < 0) fail("cannot enter " + part + " in " + destination_);
    path.remove_prefix(slash + 1);
  }
}

kit::Fd TreeWriter::create(std::string_view path, bool executable) {
  std::string name;
  const kit::Fd parent = open_parent(path, name);
  kit::Fd file(::openat(parent.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        executable ? 0777 : 0666));
  if (!file.open()) fail("cannot make " + std::string(path) + " in " + destination_);
  return file;
}

void TreeWriter::file(std::string_view path, std::string_view bytes, bool executable) {
  const kit::Fd file = create(path, executable);
  write_all(file.get(), bytes, std::string(path));
}

void TreeWriter::copy(std::string_view path, int source, const struct stat& status,
                      const std::function<bool()>& cancelled) {
  const kit::Fd file = create(path, (status.st_mode & S_IXUSR) != 0);
  copy_contents(source, file.get(), status.st_size, std::string(path), cancelled);
  const timespec times[2] = {{0, UTIME_OMIT}, status.st_mtim};
  if (::futimens(file.get(), times) != 0) fail("cannot date " + std::string(path) + " in " + destination_);
}

void TreeWriter::link(std::string_view path, std::string_view target) {
  std::string name;
  const kit::Fd parent = open_parent(path, name);
  if (::symlinkat(std::string(target).c_str(), parent.get(), name.c_str()) != 0)
    fail("cannot make the link " + std::string(path) + " in " + destination_);
}

void TreeWriter::directory(std::string_view path) {
  std::string name;
  const kit::Fd parent = open_parent(path, name);
  if (::mkdirat(parent.get(), name.c_str(), 0777) != 0 && errno != EEXIST)
    fail("cannot make a directory in " + destination_);
  const kit::Fd made(::openat(parent.get(), name.c_str(), kDirectory));
  if (!made.open()) fail("cannot enter " + std::string(path) + " in " + destination_);
}

}  // namespace ktstr::git
