// SPDX-License-Identifier: Apache-2.0
// Not a scheduler at all: what a test's "scheduler" can do to its guest. Static, so that nothing else is
// needed.
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// One realtime spinner per CPU: with realtime throttling off, nobody else runs again, the agent included.
static int hang(void) {
  long cpus = sysconf(_SC_NPROCESSORS_ONLN);
  for (long cpu = cpus - 1; cpu >= 0; cpu--) {
    if (cpu > 0 && fork() != 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    struct sched_param highest = {.sched_priority = 99};
    if (sched_setaffinity(0, sizeof one, &one) != 0 || sched_setscheduler(0, SCHED_FIFO, &highest) != 0)
      return 4;
    for (;;) {
    }
  }
  return 4;
}

// 10 MiB, and then one line of 4 MiB that ends with what matters.
static int talk(void) {
  puts("misbehave: starting");
  for (int i = 0; i < 10 << 14; i++) puts("stats: 2/8 idle, 2841 dispatched, 32128 delayed, 2115 stolen ..");
  for (int i = 0; i < 4 << 20; i++) putchar('.');
  fputs("misbehave: the real reason", stdout);
  return 9;
}

// Asks again and again for a server that nobody has started.
static int connect_for_ever(void) {
  struct sockaddr_in server = {
      .sin_family = AF_INET, .sin_port = htons(4750), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  for (;;) {
    int peer = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(peer, (struct sockaddr*)&server, sizeof server) == 0) return 4;
    close(peer);
    usleep(20000);
  }
}

static int explain_usage(void) {
  fputs("misbehave: unrecognized option '--slice'\nUsage: misbehave HOW\n  --help  this text\n", stderr);
  return 1;
}

int main(int argc, char** argv) {
  const char* how = argc > 1 ? argv[1] : "";
  if (strcmp(how, "exit") == 0) {
    fprintf(stderr, "misbehave: no such ops\n");
    return 3;
  }
  if (strcmp(how, "hang") == 0) return hang();
  if (strcmp(how, "panic") == 0) {
    int fd = open("/proc/sysrq-trigger", O_WRONLY);
    if (fd < 0 || write(fd, "c", 1) != 1) return 4;
  }
  if (strcmp(how, "talk") == 0) return talk();
  if (strcmp(how, "connect") == 0) return connect_for_ever();
  if (strcmp(how, "usage") == 0) return explain_usage();
  while (strcmp(how, "loop") == 0) {
  }
  if (strcmp(how, "crash") == 0) raise(SIGSEGV);
  if (strcmp(how, "background") == 0 && fork() != 0) return 0;
  while (strcmp(how, "eat") == 0) {
    char* more = malloc(1 << 20);
    if (more != NULL) memset(more, 1, 1 << 20);
  }
  for (;;) pause();
}
