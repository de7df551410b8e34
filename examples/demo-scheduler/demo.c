// SPDX-License-Identifier: Apache-2.0
// Loads the scheduler and keeps it attached until SIGINT or SIGTERM.
#include <bpf/libbpf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "demo.h"

// The BPF object travels inside the program: one file to copy into the guest.
__asm__(".section .rodata\n.balign 16\ndemo_object:\n.incbin \"" DEMO_OBJECT "\"\ndemo_object_end:\n.previous\n");
extern const char demo_object[], demo_object_end[];

static const char usage[] =
    "demo_sched [--slice-us N] [--fifo]\n"
    "  --slice-us N  how long a task may run before others get their turn, 100 to 1000000\n"
    "  --fifo        first come first served, without regard to weights\n";

static int fail(const char *what) {
  fprintf(stderr, "demo_sched: cannot %s: %s\n", what, strerror(errno));
  return 1;
}

// 0: go on, 1: done, 2: wrong usage.
static int read_arguments(int argc, char **argv, struct demo_options *options) {
  for (int i = 1; i < argc; i++) {
    char *end = NULL;
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
      fputs(usage, stdout);
      return 1;
    }
    if (strcmp(argv[i], "--fifo") == 0) {
      options->fifo = 1;
    } else if (strcmp(argv[i], "--slice-us") == 0 && i + 1 < argc) {
      long slice_us = strtol(argv[++i], &end, 10);
      if (end == argv[i] || *end != '\0' || slice_us < 100 || slice_us > 1000000) {
        fprintf(stderr, "demo_sched: --slice-us wants a number from 100 to 1000000, not \"%s\"\n", argv[i]);
        return 2;
      }
      options->slice_ns = (__u64)slice_us * 1000;
    } else {
      fprintf(stderr, "demo_sched: unknown or unfinished option \"%s\"\n%s", argv[i], usage);
      return 2;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  LIBBPF_OPTS(bpf_object_open_opts, open_options, .object_name = "demo");
  struct bpf_object *object = bpf_object__open_mem(demo_object, (size_t)(demo_object_end - demo_object), &open_options);
  if (object == NULL) return fail("open the BPF object");
  // The scheduler's constants, with its own defaults in them until it is loaded.
  size_t size = 0;
  struct bpf_map *constants = bpf_object__find_map_by_name(object, ".rodata");
  struct demo_options *options = constants != NULL ? bpf_map__initial_value(constants, &size) : NULL;
  if (options == NULL || size != sizeof *options) {
    fprintf(stderr, "demo_sched: its BPF object was built with other options; run make clean and make\n");
    return 1;
  }
  int done = read_arguments(argc, argv, options);
  if (done != 0) return done == 1 ? 0 : done;

  // Blocked before anything is attached, so that no signal is lost between attaching and waiting.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  sigprocmask(SIG_BLOCK, &stop, NULL);

  if (bpf_object__load(object) != 0) return fail("load the BPF programs (a kernel with sched_ext and BTF, and root, are needed)");
  struct bpf_link *link = bpf_map__attach_struct_ops(bpf_object__find_map_by_name(object, "demo_ops"));
  if (link == NULL) return fail("attach the scheduler");
  printf("demo_sched: attached, slice %llu us\n", (unsigned long long)options->slice_ns / 1000);
  fflush(stdout);
  int number = 0;
  sigwait(&stop, &number);
  bpf_link__destroy(link);
  bpf_object__close(object);
  return 0;
}
