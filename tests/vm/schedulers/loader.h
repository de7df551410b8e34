// SPDX-License-Identifier: Apache-2.0
// For programs that hold several schedulers in one BPF object, and load one of them.
#pragma once
#include <bpf/libbpf.h>
#include <signal.h>
#include <string.h>

static volatile sig_atomic_t stop;
static void on_signal(int number) {
  (void)number;
  stop = 1;
}

/// Of the schedulers in the object the named one is made; null when there is none.
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

/// The object has one constant. False when it has none.
static int set_constant(struct bpf_object* object, __u32 to) {
  struct bpf_map* map;
  bpf_object__for_each_map(map, object) {
    size_t size = 0;
    __u32* value = strstr(bpf_map__name(map), ".rodata") ? bpf_map__initial_value(map, &size) : NULL;
    if (value == NULL || size < sizeof *value) continue;
    *value = to;
    return 1;
  }
  return 0;
}
