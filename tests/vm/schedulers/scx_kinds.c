// SPDX-License-Identifier: Apache-2.0
// scx_kinds NAME [--stop-after N]: loads one of the schedulers of scx_kinds.bpf.c (built into this program)
// and keeps it attached. `userland` is decided here; with --stop-after nothing is decided after N tasks, so
// that whoever depends on it starves.
#include <bpf/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "loader.h"

__asm__(".section .rodata\n.balign 16\nkinds_object:\n.incbin \"" KINDS_OBJECT
        "\"\nkinds_object_end:\n.previous\n");
extern const char kinds_object[], kinds_object_end[];

/// First come, first served. It must not wait for what it schedules: real-time, and all of its memory there.
static void decide(struct bpf_object* object, long tasks) {
  const int waiting = bpf_map__fd(bpf_object__find_map_by_name(object, "waiting"));
  const int decided = bpf_map__fd(bpf_object__find_map_by_name(object, "decided"));
  const struct timespec pause = {0, 500000};
  while (!stop) {
    __s32 pid;
    while (tasks != 0 && bpf_map_lookup_and_delete_elem(waiting, NULL, &pid) == 0) {
      bpf_map_update_elem(decided, NULL, &pid, BPF_ANY);
      if (tasks > 0) tasks--;
    }
    nanosleep(&pause, NULL);
  }
}

int main(int argc, char** argv) {
  struct bpf_object* object =
      bpf_object__open_mem(kinds_object, (size_t)(kinds_object_end - kinds_object), NULL);
  if (object == NULL || argc < 2) return 2;
  struct bpf_map* chosen = choose(object, argv[1]);
  if (chosen == NULL) return fprintf(stderr, "scx_kinds: no scheduler %s\n", argv[1]), 2;
  if (!set_constant(object, (__u32)sysconf(_SC_NPROCESSORS_CONF))) return 2;
  const int userland = strcmp(argv[1], "userland") == 0;
  const struct sched_param first = {.sched_priority = 1};
  if (userland && (mlockall(MCL_CURRENT | MCL_FUTURE) != 0 || sched_setscheduler(0, SCHED_FIFO, &first) != 0))
    return 1;
  if (bpf_object__load(object) != 0) return 1;
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  struct bpf_link* link = bpf_map__attach_struct_ops(chosen);
  if (link == NULL) return 1;
  if (userland) decide(object, argc > 3 && strcmp(argv[2], "--stop-after") == 0 ? atol(argv[3]) : -1);
  while (!stop) pause();
  bpf_link__destroy(link);
  bpf_object__close(object);
  return 0;
}
