// SPDX-License-Identifier: Apache-2.0
// scx_public NAME [--mended]: loads one of the schedulers of scx_public.bpf.c (built into this program), as
// it was or put right, and keeps it attached.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loader.h"

__asm__(".section .rodata\n.balign 16\npublic_object:\n.incbin \"" PUBLIC_OBJECT
        "\"\npublic_object_end:\n.previous\n");
extern const char public_object[], public_object_end[];

int main(int argc, char** argv) {
  struct bpf_object* object =
      bpf_object__open_mem(public_object, (size_t)(public_object_end - public_object), NULL);
  if (object == NULL || argc < 2) return 2;
  struct bpf_map* chosen = choose(object, argv[1]);
  if (chosen == NULL) return fprintf(stderr, "scx_public: no scheduler %s\n", argv[1]), 2;
  if (argc > 2 && (strcmp(argv[2], "--mended") != 0 || !set_constant(object, 1))) return 2;
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
