// SPDX-License-Identifier: Apache-2.0
// scx_public NAME [--mended]: loads one of the schedulers of scx_public.bpf.c (built into this program), as
// it was or put right, and keeps it attached.
#include <bpf/libbpf.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

__asm__(".section .rodata\n.balign 16\npublic_object:\n.incbin \"" PUBLIC_OBJECT
        "\"\npublic_object_end:\n.previous\n");
extern const char public_object[], public_object_end[];

static volatile sig_atomic_t stop;
static void on_signal(int number) {
  (void)number;
  stop = 1;
}

/// Of the schedulers in the object the named one is made.
static struct bpf_map* choose(struct bpf_object* object, const char* name) {
  struct bpf_map *map, *chosen = NULL;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS) continue;
    const int wanted = strcmp(bpf_map__name(map), name) == 0;
    bpf_map__set_autocreate(map, wanted);
    if (wanted) chosen = map;
  }
  return chosen;
}

static int set_mended(struct bpf_object* object) {
  struct bpf_map* map;
  bpf_object__for_each_map(map, object) {
    size_t size = 0;
    __u32* value = strstr(bpf_map__name(map), ".rodata") ? bpf_map__initial_value(map, &size) : NULL;
    if (value != NULL && size >= sizeof *value) return *value = 1;
  }
  return 0;
}

int main(int argc, char** argv) {
  struct bpf_object* object =
      bpf_object__open_mem(public_object, (size_t)(public_object_end - public_object), NULL);
  if (object == NULL || argc < 2) return 2;
  struct bpf_map* chosen = choose(object, argv[1]);
  if (chosen == NULL) return fprintf(stderr, "scx_public: no scheduler %s\n", argv[1]), 2;
  if (argc > 2 && (strcmp(argv[2], "--mended") != 0 || !set_mended(object))) return 2;
  if (bpf_object__load(object) != 0) return 1;
  struct bpf_link* link = bpf_map__attach_struct_ops(chosen);
  if (link == NULL) return 1;
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  while (!stop) pause();
  bpf_link__destroy(link);
  bpf_object__close(object);
  return 0;
}
