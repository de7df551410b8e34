// SPDX-License-Identifier: Apache-2.0
// A scheduler that would rather write its own result: tries every way to the mailbox and to the agent that it
// should not have.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

static int open_doors;

static void try_door(const char* name, int opened) {
  if (!opened) return;
  open_doors++;
  fprintf(stderr, "burglar: %s is open\n", name);
}

static int can_open(const char* path, int flags) {
  int fd = open(path, flags);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static int line_tells_the_place(void) {
  char line[4096] = {0};
  int fd = open("/proc/cmdline", O_RDONLY);
  if (fd < 0 || read(fd, line, sizeof line - 1) < 0) return 1;
  close(fd);
  return strstr(line, "mailbox") != NULL;
}

static int can_read_the_agent(void) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void*)0x400000, 1};
  return process_vm_readv(1, &here, 1, &there, 1, 0) == 1;
}

int main(void) {
  try_door("/dev/mem", can_open("/dev/mem", O_RDWR));
  try_door("/dev/port", can_open("/dev/port", O_RDWR));
  try_door("/proc/kcore", can_open("/proc/kcore", O_RDONLY));
  try_door("mknod", mknod("/tmp/mem", S_IFCHR | 0600, makedev(1, 1)) == 0 && can_open("/tmp/mem", O_RDWR));
  try_door("iopl", iopl(3) == 0);
  try_door("ptrace", ptrace(PTRACE_SEIZE, 1, NULL, NULL) == 0);
  try_door("/proc/1/mem", can_open("/proc/1/mem", O_RDWR));
  try_door("process_vm_readv", can_read_the_agent());
  try_door("init_module", syscall(SYS_init_module, "", 0, "") == 0 || errno != EPERM);
  try_door("kexec_load", syscall(SYS_kexec_load, 0, 0, NULL, 0) == 0);
  try_door("the kernel's command line", line_tells_the_place());
  fprintf(stderr, open_doors == 0 ? "burglar: every door is shut\n" : "burglar: came in\n");
  return 3;
}
