// SPDX-License-Identifier: Apache-2.0
#include "checkout.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <set>
#include <vector>

#include "handles.hpp"

namespace ktstr::git {
namespace {

using sdk::Error;

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

[[noreturn]] void fail(const std::string& what) { throw Error(KTSTR_IO, what + ": " + std::strerror(errno)); }

bool is_dot_git(std::string_view name) {
  return name.size() == 4 && std::equal(name.begin(), name.end(), ".git", [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

void write_all(int fd, std::string_view bytes, const std::string& what) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot write " + what);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::string read_all(int fd, const std::string& what) {
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot read " + what);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

/// One path of the work tree as it is now; gone files are simply not there.
void copy_path(int root, const std::string& path, TreeWriter& writer) {
  struct stat status {};
  if (::fstatat(root, path.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return;
    fail("cannot look at " + path);
  }
  if (S_ISLNK(status.st_mode)) {
    char target[PATH_MAX];
    const ssize_t n = ::readlinkat(root, path.c_str(), target, sizeof target);
    if (n < 0) fail("cannot read the link " + path);
    writer.link(path, {target, static_cast<std::size_t>(n)});
  } else if (S_ISREG(status.st_mode)) {
    const Descriptor file{::openat(root, path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) fail("cannot read " + path);
    writer.file(path, read_all(file.fd, path), (status.st_mode & S_IXUSR) != 0, &status.st_mtim);
  }
}

struct TreeWalk {
  git_repository* repository;
  TreeWriter& writer;
  std::exception_ptr failure;
};

int visit(const char* root, const git_tree_entry* entry, void* payload) {
  auto* walk = static_cast<TreeWalk*>(payload);
  try {
    const std::string path = std::string(root) + git_tree_entry_name(entry);
    const git_filemode_t mode = git_tree_entry_filemode(entry);
    if (mode == GIT_FILEMODE_TREE || mode == GIT_FILEMODE_COMMIT) return 0;
    git_blob* blob = nullptr;
    check(git_blob_lookup(&blob, walk->repository, git_tree_entry_id(entry)), path);
    const Blob owned(blob);
    const std::string_view bytes(static_cast<const char*>(git_blob_rawcontent(blob)), static_cast<std::size_t>(git_blob_rawsize(blob)));
    if (mode == GIT_FILEMODE_LINK) {
      walk->writer.link(path, bytes);
    } else {
      walk->writer.file(path, bytes, mode == GIT_FILEMODE_BLOB_EXECUTABLE);
    }
    return 0;
  } catch (...) {  // libgit2 is C: nothing may fly through it
    walk->failure = std::current_exception();
    return -1;
  }
}

}  // namespace

TreeWriter::TreeWriter(const std::string& destination) : root_(::open(destination.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), destination_(destination) {
  if (root_ < 0) fail("cannot open " + destination);
}

TreeWriter::~TreeWriter() { ::close(root_); }

int TreeWriter::open_parent(std::string_view path, std::string& name) {
  int at = ::fcntl(root_, F_DUPFD_CLOEXEC, 0);
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string part(path.substr(0, slash));
    if (part.empty() || part == "." || part == ".." || is_dot_git(part) || part.find('\0') != std::string::npos) {
      ::close(at);
      throw Error(KTSTR_BAD_DATA, "the tree has an entry that could lead out of the checkout: " + std::string(path));
    }
    if (slash == std::string_view::npos) {
      name = part;
      return at;
    }
    if (::mkdirat(at, part.c_str(), 0777) != 0 && errno != EEXIST) {
      ::close(at);
      fail("cannot make a directory in " + destination_);
    }
    const int next = ::openat(at, part.c_str(), kDirectory);
    const int reason = errno;
    ::close(at);
    if (next < 0) {
      errno = reason;
      fail("cannot enter " + part + " in " + destination_);
    }
    at = next;
    path.remove_prefix(slash + 1);
  }
}

void TreeWriter::file(std::string_view path, std::string_view bytes, bool executable, const timespec* modified) {
  std::string name;
  const Descriptor parent{open_parent(path, name)};
  const Descriptor file{::openat(parent.fd, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, executable ? 0777 : 0666)};
  if (file.fd < 0) fail("cannot make " + std::string(path) + " in " + destination_);
  write_all(file.fd, bytes, std::string(path));
  if (modified == nullptr) return;
  const timespec times[2] = {{0, UTIME_OMIT}, *modified};
  if (::futimens(file.fd, times) != 0) fail("cannot date " + std::string(path) + " in " + destination_);
}

void TreeWriter::link(std::string_view path, std::string_view target) {
  std::string name;
  const Descriptor parent{open_parent(path, name)};
  if (::symlinkat(std::string(target).c_str(), parent.fd, name.c_str()) != 0) fail("cannot make the link " + std::string(path) + " in " + destination_);
}

void write_tree(git_repository* repository, git_tree* tree, TreeWriter& writer) {
  TreeWalk walk{repository, writer, nullptr};
  const int code = git_tree_walk(tree, GIT_TREEWALK_PRE, visit, &walk);
  if (walk.failure) std::rethrow_exception(walk.failure);
  check(code, "cannot read the commit's tree");
}

void write_worktree(git_repository* repository, TreeWriter& writer) {
  const char* workdir = git_repository_workdir(repository);
  if (workdir == nullptr) throw Error(KTSTR_UNSUPPORTED, "the repository is bare: it has no work tree to copy");
  git_status_options options{};
  check(git_status_options_init(&options, GIT_STATUS_OPTIONS_VERSION), "libgit2");
  options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR;
  options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS | GIT_STATUS_OPT_INCLUDE_UNMODIFIED | GIT_STATUS_OPT_EXCLUDE_SUBMODULES;
  git_status_list* list = nullptr;
  check(git_status_list_new(&list, repository, &options), "cannot list the work tree");
  const StatusList owned(list);
  std::set<std::string> paths;
  for (std::size_t i = 0; i < git_status_list_entrycount(list); ++i) {
    const git_status_entry* entry = git_status_byindex(list, i);
    const git_diff_delta* delta = entry->index_to_workdir != nullptr ? entry->index_to_workdir : entry->head_to_index;
    if (delta == nullptr || (entry->status & GIT_STATUS_IGNORED) != 0) continue;
    for (const char* path : {delta->old_file.path, delta->new_file.path}) {
      if (path != nullptr && !std::string_view(path).ends_with('/')) paths.insert(path);
    }
  }
  const Descriptor root{::open(workdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (root.fd < 0) fail("cannot open " + std::string(workdir));
  for (const std::string& path : paths) copy_path(root.fd, path, writer);
}

}  // namespace ktstr::git
