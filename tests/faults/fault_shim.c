// SPDX-License-Identifier: Apache-2.0
//
// Loaded before everything else (LD_PRELOAD), it makes one call fail: the Nth of a family, once.
//   KTSTR_TEST_FAULT=FAMILY:N:ERRNO   N from 1; 0 only counts
//   KTSTR_TEST_FAULT_LOG=FILE         of 4096 bytes: is mapped, and tells how often each family was called
//   and what failed
// Counts in the process that was started and in what that forks; the programs that those become do not see
// it.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/// "look" opens what is only read, "open" what is written.
static const char* const families[] = {"open",   "look",  "read", "write", "fsync", "rename",
                                       "unlink", "mkdir", "lock", "fork",  "pipe",  "thread"};
enum { FAMILIES = sizeof families / sizeof *families };

/// As tests/integration/fault_points_test.cpp reads it.
struct log {
  atomic_long calls[FAMILIES];
  char what[256];  // of the call that failed; empty: none did
};

static struct log* state;
static char family[16];
static long nth;
static int error;

__attribute__((constructor)) static void begin(void) {
  const char *fault = getenv("KTSTR_TEST_FAULT"), *file = getenv("KTSTR_TEST_FAULT_LOG");
  if (fault && file && sscanf(fault, "%15[a-z]:%ld:%d", family, &nth, &error) == 3) {
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    void* mapped = fd < 0 ? MAP_FAILED : mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED) abort();
    syscall(SYS_close, fd);
    state = mapped;
  }
  unsetenv("LD_PRELOAD");
  unsetenv("KTSTR_TEST_FAULT");
  unsetenv("KTSTR_TEST_FAULT_LOG");
}

static int fails(const char* of, const char* call, const char* detail) {
  if (!state) return 0;
  int at = 0;
  while (strcmp(of, families[at]) != 0) ++at;
  if (atomic_fetch_add(&state->calls[at], 1) + 1 != nth || strcmp(of, family) != 0) return 0;
  snprintf(state->what, sizeof state->what, "%s %s", call, detail);
  errno = error;
  return 1;
}

/// What a descriptor leads to.
static const char* name_of(int fd) {
  static _Thread_local char name[200];
  char link[40];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const long n = syscall(SYS_readlink, link, name, sizeof name - 1);
  name[n > 0 ? n : 0] = 0;
  return name;
}

/// Not of the system: what /proc, /etc and libraries do not tell is done without.
static int is_ours(const char* path) {
  static const char* const places[] = {"/proc", "/sys", "/etc", "/usr", "/lib", "/dev"};
  for (size_t i = 0; i < sizeof places / sizeof *places; ++i) {
    if (strncmp(path, places[i], strlen(places[i])) == 0) return 0;
  }
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int open_call(int at, const char* path, int flags, va_list rest) {
  const unsigned mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(rest, unsigned) : 0;
  const int writes = (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
  if (writes ? fails("open", "open", path) : is_ours(path) && fails("look", "open", path)) return -1;
  return (int)syscall(SYS_openat, at, path, flags, mode);
}
#define OPEN(name)                                         \
  int name(const char* path, int flags, ...) {             \
    va_list rest;                                          \
    va_start(rest, flags);                                 \
    const int fd = open_call(AT_FDCWD, path, flags, rest); \
    va_end(rest);                                          \
    return fd;                                             \
  }
#define OPENAT(name)                                   \
  int name(int at, const char* path, int flags, ...) { \
    va_list rest;                                      \
    va_start(rest, flags);                             \
    const int fd = open_call(at, path, flags, rest);   \
    va_end(rest);                                      \
    return fd;                                         \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

int mkostemps(char* pattern, int length, int flags) {
  return fails("open", "mkostemps", pattern) ? -1 : REAL(mkostemps)(pattern, length, flags);
}
int mkostemps64(char* pattern, int length, int flags) { return mkostemps(pattern, length, flags); }
int mkostemp(char* pattern, int flags) {
  return fails("open", "mkostemp", pattern) ? -1 : REAL(mkostemp)(pattern, flags);
}
int mkostemp64(char* pattern, int flags) { return mkostemp(pattern, flags); }
int memfd_create(const char* name, unsigned flags) {
  return fails("open", "memfd_create", name) ? -1 : (int)syscall(SYS_memfd_create, name, flags);
}
FILE* fopen(const char* path, const char* mode) {
  return strpbrk(mode, "wa+") && fails("open", "fopen", path) ? NULL : REAL(fopen)(path, mode);
}
FILE* fopen64(const char* path, const char* mode) { return fopen(path, mode); }

DIR* opendir(const char* path) {
  return is_ours(path) && fails("look", "opendir", path) ? NULL : REAL(opendir)(path);
}

ssize_t read(int fd, void* bytes, size_t size) {
  return state && is_ours(name_of(fd)) && fails("read", "read", name_of(fd))
             ? -1
             : syscall(SYS_read, fd, bytes, size);
}
ssize_t pread64(int fd, void* bytes, size_t size, off64_t at) {
  return state && is_ours(name_of(fd)) && fails("read", "pread", name_of(fd))
             ? -1
             : syscall(SYS_pread64, fd, bytes, size, at);
}
ssize_t pread(int fd, void* bytes, size_t size, off_t at) { return pread64(fd, bytes, size, at); }

int flock(int fd, int how) {
  return fails("lock", "flock", name_of(fd)) ? -1 : (int)syscall(SYS_flock, fd, how);
}
int unlink(const char* path) { return fails("unlink", "unlink", path) ? -1 : (int)syscall(SYS_unlink, path); }
int unlinkat(int at, const char* path, int flags) {
  return fails("unlink", "unlinkat", path) ? -1 : (int)syscall(SYS_unlinkat, at, path, flags);
}
int rmdir(const char* path) { return fails("unlink", "rmdir", path) ? -1 : (int)syscall(SYS_rmdir, path); }
int remove(const char* path) { return fails("unlink", "remove", path) ? -1 : REAL(remove)(path); }

/// What goes to stderr is what tells of the fault.
ssize_t write(int fd, const void* bytes, size_t size) {
  return fd != 2 && fails("write", "write", name_of(fd)) ? -1 : syscall(SYS_write, fd, bytes, size);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  return fd != 2 && fails("write", "writev", name_of(fd)) ? -1 : syscall(SYS_writev, fd, parts, count);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t at) {
  return fails("write", "pwrite", name_of(fd)) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, at);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at) { return pwrite64(fd, bytes, size, at); }
int ftruncate64(int fd, off64_t size) {
  return fails("write", "ftruncate", name_of(fd)) ? -1 : (int)syscall(SYS_ftruncate, fd, size);
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
ssize_t copy_file_range(int from, off64_t* in, int to, off64_t* out, size_t size, unsigned flags) {
  return fails("write", "copy_file_range", name_of(to))
             ? -1
             : syscall(SYS_copy_file_range, from, in, to, out, size, flags);
}
ssize_t sendfile64(int to, int from, off64_t* at, size_t size) {
  return fails("write", "sendfile", name_of(to)) ? -1 : syscall(SYS_sendfile, to, from, at, size);
}
ssize_t sendfile(int to, int from, off_t* at, size_t size) { return sendfile64(to, from, at, size); }

int fsync(int fd) { return fails("fsync", "fsync", name_of(fd)) ? -1 : (int)syscall(SYS_fsync, fd); }
int fdatasync(int fd) {
  return fails("fsync", "fdatasync", name_of(fd)) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int rename(const char* from, const char* to) {
  return fails("rename", "rename", to) ? -1 : (int)syscall(SYS_rename, from, to);
}
int renameat(int a, const char* from, int b, const char* to) {
  return fails("rename", "renameat", to) ? -1 : (int)syscall(SYS_renameat, a, from, b, to);
}
int link(const char* from, const char* to) {
  return fails("rename", "link", to) ? -1 : (int)syscall(SYS_link, from, to);
}
int symlink(const char* target, const char* to) {
  return fails("rename", "symlink", to) ? -1 : (int)syscall(SYS_symlink, target, to);
}
int symlinkat(const char* target, int at, const char* to) {
  return fails("rename", "symlinkat", to) ? -1 : (int)syscall(SYS_symlinkat, target, at, to);
}

int mkdir(const char* path, mode_t mode) {
  return fails("mkdir", "mkdir", path) ? -1 : (int)syscall(SYS_mkdir, path, mode);
}
int mkdirat(int at, const char* path, mode_t mode) {
  return fails("mkdir", "mkdirat", path) ? -1 : (int)syscall(SYS_mkdirat, at, path, mode);
}
char* mkdtemp(char* pattern) { return fails("mkdir", "mkdtemp", pattern) ? NULL : REAL(mkdtemp)(pattern); }

pid_t fork(void) { return fails("fork", "fork", "") ? -1 : REAL(fork)(); }
pid_t vfork(void) { return fork(); }
int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* files,
                const posix_spawnattr_t* how, char* const* argv, char* const* variables) {
  return fails("fork", "posix_spawn", path) ? error
                                            : REAL(posix_spawn)(pid, path, files, how, argv, variables);
}
int posix_spawnp(pid_t* pid, const char* name, const posix_spawn_file_actions_t* files,
                 const posix_spawnattr_t* how, char* const* argv, char* const* variables) {
  return fails("fork", "posix_spawnp", name) ? error
                                             : REAL(posix_spawnp)(pid, name, files, how, argv, variables);
}

int pipe2(int ends[2], int flags) {
  return fails("pipe", "pipe2", "") ? -1 : (int)syscall(SYS_pipe2, ends, flags);
}
int pipe(int ends[2]) { return fails("pipe", "pipe", "") ? -1 : (int)syscall(SYS_pipe2, ends, 0); }

int pthread_create(pthread_t* thread, const pthread_attr_t* how, void* (*body)(void*), void* argument) {
  return fails("thread", "pthread_create", "") ? error : REAL(pthread_create)(thread, how, body, argument);
}
