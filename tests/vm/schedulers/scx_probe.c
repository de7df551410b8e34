// SPDX-License-Identifier: Apache-2.0
// Loads scx_probe.bpf.c (built into this program) and keeps it attached.
//   --fault NAME       what to do wrong: lose-some, lose-all (both until it is ejected), wild-read, give-up,
//                      fail-init, hog (whoever has the CPU keeps it), work (a thousand rounds of a loop in
//                      enqueue)
//   --timeout-ms N     of its ops; 0: the kernel's default
//   --ops NAME         another one of its schedulers, without the options above: all (every operation whose
//                      cost is told apart), refuse (every task), kick (CPUs wait for each other)
//   --partial          takes only tasks that ask for it
//   --say-nonsense     prints bytes that are no text
//   --dots-ms N        prints a dot ten times a second for so long before it attaches
//   --need NAME FILE   wants an environment variable and a file
//   --die-after-ms N   exits by itself
//   --stats PATH       prints "probe: queues=1" and answers each line to a Unix socket with JSON
#include <bpf/libbpf.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

__asm__(".section .rodata\n.balign 16\nprobe_object:\n.incbin \"" PROBE_OBJECT
        "\"\nprobe_object_end:\n.previous\n");
extern const char probe_object[], probe_object_end[];

// As scx_probe.bpf.c declares it.
struct ops {
  void *enqueue, *dispatch, *init;
  __u64 flags;
  __u32 timeout_ms;
  char name[128];
};

static volatile sig_atomic_t stop;
static void on_signal(int number) {
  (void)number;
  stop = 1;
}

static void* initial_value(struct bpf_object* object, const char* part, size_t least) {
  struct bpf_map* map;
  bpf_object__for_each_map(map, object) {
    size_t size = 0;
    if (strstr(bpf_map__name(map), part) == NULL) continue;
    void* value = bpf_map__initial_value(map, &size);
    if (value != NULL && size >= least) return value;
  }
  fprintf(stderr, "scx_probe: no %s to change\n", part);
  exit(2);
}

static __u32 fault_named(const char* name) {
  static const char* const names[] = {"none",    "lose-some", "lose-all", "wild-read",
                                      "give-up", "fail-init", "hog",      "work"};
  for (__u32 i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) == 0) return i;
  }
  exit(2);
}

// A name that was cut in the middle of a character, a NUL, and more than 16 KiB of characters of three bytes
// each.
static void say_nonsense(void) {
  fwrite("slow: \xe3\x83\x96\xe3\x83 \0 \xff\n", 1, 15, stdout);
  for (int i = 0; i < 7000; i++) fputs("\xe2\x94\x80", stdout);
  fflush(stdout);
}

static void need(const char* variable, const char* file) {
  if (getenv(variable) == NULL || strcmp(getenv(variable), "as told") != 0)
    fprintf(stderr, "scx_probe: %s is not set\n", variable), exit(3);
  if (access(file, R_OK) != 0) fprintf(stderr, "scx_probe: no %s\n", file), exit(4);
}

static int enabled(void) {
  char text[16] = "";
  FILE* file = fopen("/sys/kernel/sched_ext/state", "r");
  if (file == NULL || fgets(text, sizeof text, file) == NULL) return 0;
  fclose(file);
  return strncmp(text, "enabled", 7) == 0;
}

/// Of the ops in the object only the chosen ones are made.
static const char* choose_ops(struct bpf_object* object, const char* name) {
  static char chosen[32];
  struct bpf_map* map;
  int found = 0;
  snprintf(chosen, sizeof chosen, "probe_%s", name);
  bpf_object__for_each_map(map, object) {
    if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS) continue;
    const int wanted = strcmp(bpf_map__name(map), chosen) == 0;
    found += wanted;
    bpf_map__set_autocreate(map, wanted);
  }
  if (found == 0) fprintf(stderr, "scx_probe: no ops %s\n", name), exit(2);
  return chosen;
}

static void pause_ms(long ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}

static void print_dots(long ms) {
  for (; ms > 0; ms -= 100) {
    putchar('.');
    fflush(stdout);
    pause_ms(100);
  }
}

static void* answer(void* listening) {
  static const char text[] = "{\"queues\": 1, \"depths\": [4, 7]}\n";
  for (;;) {
    char line[256];
    const int asker = accept(*(int*)listening, NULL, NULL);
    if (asker < 0) return NULL;
    if (read(asker, line, sizeof line) > 0 && write(asker, text, sizeof text - 1) < 0) perror("scx_probe");
    close(asker);
  }
}

static void serve_stats(const char* path) {
  static int listening;
  pthread_t thread;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  listening = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listening, (struct sockaddr*)&address, sizeof address) != 0 || listen(listening, 1) != 0 ||
      pthread_create(&thread, NULL, answer, &listening) != 0)
    perror("scx_probe: stats"), exit(5);
  printf("probe: queues=1\n");
  fflush(stdout);
}

int main(int argc, char** argv) {
  long die_after_ms = -1;
  const char* chosen = "ops";
  struct bpf_object* object =
      bpf_object__open_mem(probe_object, (size_t)(probe_object_end - probe_object), NULL);
  if (object == NULL) return 1;
  struct ops* ops = initial_value(object, "probe_ops", sizeof *ops);
  for (int i = 1; i < argc; i++) {
    int more = argc - i - 1;
    if (strcmp(argv[i], "--ops") == 0 && more > 0) chosen = argv[++i];
    if (strcmp(argv[i], "--partial") == 0) ops->flags |= 1 << 3;  // SCX_OPS_SWITCH_PARTIAL
    if (strcmp(argv[i], "--say-nonsense") == 0) say_nonsense();
    if (strcmp(argv[i], "--dots-ms") == 0 && more > 0) print_dots(atol(argv[++i]));
    if (strcmp(argv[i], "--fault") == 0 && more > 0)
      *(__u32*)initial_value(object, ".rodata", sizeof(__u32)) = fault_named(argv[++i]);
    if (strcmp(argv[i], "--stats") == 0 && more > 0) serve_stats(argv[++i]);
    if (strcmp(argv[i], "--timeout-ms") == 0 && more > 0) ops->timeout_ms = (__u32)atol(argv[++i]);
    if (strcmp(argv[i], "--die-after-ms") == 0 && more > 0) die_after_ms = atol(argv[++i]);
    if (strcmp(argv[i], "--need") == 0 && more > 1) need(argv[i + 1], argv[i + 2]), i += 2;
  }
  chosen = choose_ops(object, chosen);
  if (bpf_object__load(object) != 0) return 1;
  struct bpf_link* link = bpf_map__attach_struct_ops(bpf_object__find_map_by_name(object, chosen));
  if (link == NULL) return 1;
  signal(SIGINT, on_signal);
  signal(SIGTERM, on_signal);
  if (die_after_ms >= 0) {
    pause_ms(die_after_ms);
    if (!stop) fprintf(stderr, "scx_probe: that was all\n");
  }
  while (!stop && die_after_ms < 0) {
    // As most do: looks now and then whether the kernel has thrown it out, and then says what it knows.
    pause_ms(1000);
    if (enabled()) continue;
    fprintf(stderr, "scx_probe: thrown out\n");
    return 1;
  }
  bpf_link__destroy(link);
  bpf_object__close(object);
  return die_after_ms < 0 ? 0 : 7;
}
