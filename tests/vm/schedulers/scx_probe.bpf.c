// SPDX-License-Identifier: GPL-2.0
// A first-come first-served sched_ext scheduler that can be told to go wrong in one way.
#include "kernel.bpf.h"

struct task_struct {
  int pid;
  unsigned int flags;
  int nr_cpus_allowed;
} ACCESS;
struct scx_init_task_args;

// Only the members used here; the loader finds them by name in the kernel's own struct.
struct sched_ext_ops {
  void (*enqueue)(struct task_struct* p, __u64 enq_flags);
  void (*dispatch)(__s32 cpu, struct task_struct* prev);
  __s32 (*init)(void);
  __u64 flags;
  __u32 timeout_ms;
  char name[128];
  __s32 (*select_cpu)(struct task_struct* p, __s32 prev_cpu, __u64 wake_flags);
  void (*dequeue)(struct task_struct* p, __u64 deq_flags);
  void (*running)(struct task_struct* p);
  void (*stopping)(struct task_struct* p, _Bool runnable);
  void (*tick)(struct task_struct* p);
  __s32 (*init_task)(struct task_struct* p, struct scx_init_task_args* args);
};

extern void scx_bpf_error_bstr(char* format, unsigned long long* data, __u32 data_size) __ksym;

#define QUEUE 1
#define SLICE_NS 20000000ULL
#define ENDLESS_NS 60000000000ULL

// Constants when the program is loaded, so the verifier sees only what belongs to the fault that was asked
// for.
enum { NONE, LOSE_SOME, LOSE_ALL, WILD_READ, GIVE_UP, FAIL_INIT, HOG, WORK };
const volatile __u32 fault = NONE;
__u64 enqueued = 0;

// Nothing reads it: for who writes to maps from outside.
struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, __u64);
} levels SEC(".maps");

SEC("struct_ops/probe_enqueue")
void BPF_PROG(probe_enqueue, struct task_struct* p, __u64 enq_flags) {
  __u64 count = __sync_fetch_and_add(&enqueued, 1);
  if (fault == LOSE_ALL) return;
  // After a good start tasks are dropped, until the kernel's watchdog steps in.
  if (fault == LOSE_SOME && count > 200 && p->pid % 2 == 0 && !(p->flags & KERNEL_THREAD)) return;
  if (fault == WORK) {  // five instructions a round once it is translated
#pragma clang loop unroll(disable)
    for (int i = 0; i < 1000; i++) {
      count += i;
      __asm__ volatile("" : "+r"(count));
    }
    enqueued = count;
  }
  if (fault == WILD_READ) enq_flags += *(volatile __u64*)count;
  if (fault == GIVE_UP && count == 200) {
    static char text[] = "200 is more than this scheduler can count";
    unsigned long long none[1] = {0};
    scx_bpf_error_bstr(text, none, sizeof none);
  }
  scx_bpf_dsq_insert(p, QUEUE, fault == HOG ? ENDLESS_NS : SLICE_NS, enq_flags);
}

SEC("struct_ops/probe_dispatch")
void BPF_PROG(probe_dispatch, __s32 cpu, struct task_struct* prev) { scx_bpf_dsq_move_to_local(QUEUE); }

SEC("struct_ops.s/probe_init")
__s32 BPF_PROG(probe_init) { return fault == FAIL_INIT ? -22 : scx_bpf_create_dsq(QUEUE, -1); }

SEC(".struct_ops.link")
struct sched_ext_ops probe_ops = {
    .enqueue = (void*)probe_enqueue,
    .dispatch = (void*)probe_dispatch,
    .init = (void*)probe_init,
    .timeout_ms = 1000,
    .name = "probe",
};

// The same order with every operation whose cost is told apart. It holds who waits in a queue of its own, as
// only then the kernel asks it to give back a task whose attributes change (dequeue); the others change
// nothing.
__u64 seen = 0;

struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 4096);
  __type(value, __s32);
} held SEC(".maps");

SEC("struct_ops/probe_hold")
void BPF_PROG(probe_hold, struct task_struct* p, __u64 enq_flags) {
  __s32 pid = p->pid;
  // Who may not run everywhere goes where the kernel sees to it.
  if (p->flags & KERNEL_THREAD || p->nr_cpus_allowed < 2 || bpf_map_push_elem(&held, &pid, 0) != 0)
    scx_bpf_dsq_insert(p, QUEUE, SLICE_NS, enq_flags);
}

SEC("struct_ops/probe_release")
void BPF_PROG(probe_release, __s32 cpu, struct task_struct* prev) {
  __s32 pid;
  // Whom the kernel took back meanwhile is still in the queue: it ignores those.
  for (int i = 0; i < 16; i++) {
    if (scx_bpf_dsq_move_to_local(QUEUE) || bpf_map_pop_elem(&held, &pid) != 0) return;
    struct task_struct* p = bpf_task_from_pid(pid);
    if (!p) continue;
    scx_bpf_dsq_insert(p, QUEUE, SLICE_NS, 0);
    bpf_task_release(p);
  }
}

SEC("struct_ops/probe_select_cpu")
__s32 BPF_PROG(probe_select_cpu, struct task_struct* p, __s32 prev_cpu, __u64 wake_flags) { return prev_cpu; }
SEC("struct_ops/probe_dequeue")
void BPF_PROG(probe_dequeue, struct task_struct* p, __u64 deq_flags) { seen++; }
SEC("struct_ops/probe_running")
void BPF_PROG(probe_running, struct task_struct* p) { seen++; }
SEC("struct_ops/probe_stopping")
void BPF_PROG(probe_stopping, struct task_struct* p, _Bool runnable) { seen++; }
SEC("struct_ops/probe_tick")
void BPF_PROG(probe_tick, struct task_struct* p) { seen++; }

SEC(".struct_ops.link")
struct sched_ext_ops probe_all = {
    .enqueue = (void*)probe_hold,
    .dispatch = (void*)probe_release,
    .init = (void*)probe_init,
    .timeout_ms = 1000,
    .name = "probe_all",
    .select_cpu = (void*)probe_select_cpu,
    .dequeue = (void*)probe_dequeue,
    .running = (void*)probe_running,
    .stopping = (void*)probe_stopping,
    .tick = (void*)probe_tick,
};

// Refuses every task that it is asked to take, so that it does not get as far as running any.
SEC("struct_ops.s/refuse_task")
__s32 BPF_PROG(refuse_task, struct task_struct* p, struct scx_init_task_args* args) { return -12; }

SEC(".struct_ops.link")
struct sched_ext_ops probe_refuse = {
    .enqueue = (void*)probe_enqueue,
    .dispatch = (void*)probe_dispatch,
    .init = (void*)probe_init,
    .init_task = (void*)refuse_task,
    .timeout_ms = 1000,
    .name = "probe_refuse",
};

// At every tick the first two CPUs ask each other to choose a task again, and wait until that is done. More
// CPUs go on as they like.
#define KICK_WAIT 4
SEC("struct_ops/kick_tick")
void BPF_PROG(kick_tick, struct task_struct* p) {
  const __u32 cpu = bpf_get_smp_processor_id();
  if (cpu < 2) scx_bpf_kick_cpu(1 - cpu, KICK_WAIT);
}

SEC(".struct_ops.link")
struct sched_ext_ops probe_kick = {
    .enqueue = (void*)probe_enqueue,
    .dispatch = (void*)probe_dispatch,
    .init = (void*)probe_init,
    .tick = (void*)kick_tick,
    .timeout_ms = 1000,
    .name = "probe_kick",
};
