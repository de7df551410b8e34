// SPDX-License-Identifier: Apache-2.0
// Loads scx_probe.bpf.c (built into this program) and keeps it attached. --lose-tasks: until it is ejected; --hog: whoever has the
// CPU keeps it; --die-after-ms N: exits by itself.
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__asm__(".section .rodata\n.balign 16\nprobe_object:\n.incbin \"" PROBE_OBJECT "\"\nprobe_object_end:\n.previous\n");
extern const char probe_object[], probe_object_end[];

static volatile sig_atomic_t stop;
static void on_signal(int number) {
  (void)number;
  stop = 1;
}

enum { LOSE_TASKS = 1, HOG = 2 };  // as in scx_probe.bpf.c

static int set_mode(struct bpf_object *object, char mode) {
  struct bpf_map *map;
  bpf_object__for_each_map(map, object) {
    size_t size = 0;
    if (strstr(bpf_map__name(map), ".rodata") == NULL) continue;
    char *constants = bpf_map__initial_value(map, &size);
    if (constants == NULL || size < 1) return -1;
    constants[0] = mode;  // the program's only constant
    return 0;
  }
  return -1;
}

int main(int argc, char **argv) {
  long die_after_ms = -1;
  struct bpf_object *object = bpf_object__open_mem(probe_object, (size_t)(probe_object_end - probe_object), NULL);
  if (object == NULL) return 1;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--lose-tasks") == 0 && set_mode(object, LOSE_TASKS) != 0) return 2;
    if (strcmp(argv[i], "--hog") == 0 && set_mode(object, HOG) != 0) return 2;
    if (strcmp(argv[i], "--die-after-ms") == 0 && i + 1 < argc) die_after_ms = atol(argv[++i]);
  }
  if (bpf_object__load(object) != 0) return 1;
  struct bpf_link *link = bpf_map__attach_struct_ops(bpf_object__find_map_by_name(object, "probe_ops"));
  if (link == NULL) return 1;
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  if (die_after_ms >= 0) {
    struct timespec time = {die_after_ms / 1000, die_after_ms % 1000 * 1000000};
    nanosleep(&time, NULL);
    if (!stop) fprintf(stderr, "scx_probe: that was all\n");
  }
  while (!stop && die_after_ms < 0) pause();
  bpf_link__destroy(link);
  bpf_object__close(object);
  return die_after_ms < 0 ? 0 : 7;
}
