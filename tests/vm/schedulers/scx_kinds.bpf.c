// SPDX-License-Identifier: GPL-2.0
// Kinds of schedulers that there are in public, each as small as it gets: one CPU that chooses for all
// (central), cgroups that get CPU time by their weights (cgroups), and a program in user space that decides
// the order (userland).
#include "kernel.bpf.h"

struct task_struct {
  int pid;
  unsigned int flags;
  const struct cpumask* cpus_ptr;
} ACCESS;
struct kernfs_node {
  __u64 id;
} ACCESS;
struct cgroup {
  struct kernfs_node* kn;
} ACCESS;
struct scx_cgroup_init_args {
  __u32 weight;
} ACCESS;

// Only the members used here; the loader finds them by name in the kernel's own struct.
struct sched_ext_ops {
  void (*enqueue)(struct task_struct* p, __u64 enq_flags);
  void (*dispatch)(__s32 cpu, struct task_struct* prev);
  void (*running)(struct task_struct* p);
  void (*stopping)(struct task_struct* p, _Bool runnable);
  __s32 (*cgroup_init)(struct cgroup* cgrp, struct scx_cgroup_init_args* args);
  void (*cgroup_exit)(struct cgroup* cgrp);
  void (*cgroup_set_weight)(struct cgroup* cgrp, __u32 weight);
  __s32 (*init)(void);
  __u32 timeout_ms;
  char name[128];
};

extern void scx_bpf_destroy_dsq(__u64 dsq) __ksym;
extern struct cgroup* scx_bpf_task_cgroup(struct task_struct* p) __ksym __attribute__((weak));
extern void bpf_cgroup_release(struct cgroup* cgrp) __ksym;

#define KICK_IDLE 1
#define KICK_PREEMPT 2
#define QUEUE 1  // the number of the first cgroup of all too, where few tasks are
#define MOST_CPUS 64
#define SLICE_NS 10000000ULL

// The program that loads it says how many CPUs there are.
const volatile __u32 cpus = 1;

SEC("struct_ops.s/kinds_init")
__s32 BPF_PROG(kinds_init) { return scx_bpf_create_dsq(QUEUE, -1); }

// Who waits, by number. A task that is taken back meanwhile is still in it: the kernel ignores it then.
struct {
  __uint(type, BPF_MAP_TYPE_QUEUE);
  __uint(max_entries, 4096);
  __type(value, __s32);
} waiting SEC(".maps"), decided SEC(".maps");

/// Kernel threads are never kept waiting for a decision, and who finds no place in the queue neither.
static __always_inline _Bool held(struct task_struct* p, __u64 enq_flags) {
  __s32 pid = p->pid;
  if (p->flags & KERNEL_THREAD) {
    scx_bpf_dsq_insert(p, LOCAL, SLICE_NS, enq_flags);
    return 0;
  }
  if (bpf_map_push_elem(&waiting, &pid, 0) == 0) return 1;
  scx_bpf_dsq_insert(p, QUEUE, SLICE_NS, enq_flags);
  return 0;
}

// central: the first CPU hands out tasks to all that asked for one.
_Bool asks[MOST_CPUS];

SEC("struct_ops/central_enqueue")
void BPF_PROG(central_enqueue, struct task_struct* p, __u64 enq_flags) {
  if (held(p, enq_flags)) scx_bpf_kick_cpu(0, KICK_PREEMPT);
}

static __always_inline void give(__u32 cpu) {
  __s32 pid;
  for (int i = 0; i < 4; i++) {
    if (bpf_map_pop_elem(&waiting, &pid) != 0) return;
    struct task_struct* p = bpf_task_from_pid(pid);
    if (!p) continue;
    const _Bool may = bpf_cpumask_test_cpu(cpu, p->cpus_ptr);
    // Where it may not run it waits for one of the CPUs that look into the queue before they ask.
    scx_bpf_dsq_insert(p, may ? LOCAL_ON | cpu : QUEUE, SLICE_NS, 0);
    bpf_task_release(p);
    if (!may) continue;
    asks[cpu] = 0;
    scx_bpf_kick_cpu((__s32)cpu, KICK_IDLE);
    return;
  }
}

SEC("struct_ops/central_dispatch")
void BPF_PROG(central_dispatch, __s32 cpu, struct task_struct* prev) {
  if (scx_bpf_dsq_move_to_local(QUEUE)) return;
  asks[(__u32)cpu % MOST_CPUS] = 1;
  if (cpu != 0) {
    scx_bpf_kick_cpu(0, KICK_PREEMPT);
    return;
  }
  for (__u32 other = 0; other < MOST_CPUS && other < cpus && other < 8; other++) {
    if (asks[other]) give(other);
  }
  scx_bpf_dsq_move_to_local(QUEUE);
}

SEC(".struct_ops.link")
struct sched_ext_ops central = {
    .enqueue = (void*)central_enqueue,
    .dispatch = (void*)central_dispatch,
    .init = (void*)kinds_init,
    .timeout_ms = 5000,
    .name = "central",
};

// cgroups: a queue each, and the next task is of the cgroup that had least for its weight.
#define MOST_CGROUPS 64
struct share {
  __u64 cgroup, weight, used;  // used: nanoseconds, divided by the weight
};
struct share shares[MOST_CGROUPS];
__u64 latest = 0;  // what the cgroup that was chosen last had used
__u64 started[MOST_CPUS];

// Loops are the kernel's, as the verifier walks every way through one of a program.
struct search {
  __u64 cgroup, above;
  __u32 found;  // MOST_CGROUPS: none
};

static long look_for_cgroup(__u32 index, struct search* search) {
  if (index >= MOST_CGROUPS || shares[index].cgroup != search->cgroup) return 0;
  search->found = index;
  return 1;
}

static __always_inline struct share* share_of(__u64 cgroup) {
  struct search search = {.cgroup = cgroup, .found = MOST_CGROUPS};
  bpf_loop(MOST_CGROUPS, look_for_cgroup, &search, 0);
  return search.found < MOST_CGROUPS ? &shares[search.found] : NULL;
}

static long look_for_least(__u32 index, struct search* search) {
  if (index >= MOST_CGROUPS) return 1;
  const struct share* one = &shares[index];
  if (!one->cgroup || one->used < search->above) return 0;
  const __u32 best = search->found;
  if (best >= MOST_CGROUPS || one->used < shares[best].used) search->found = index;
  return 0;
}

static __always_inline __u64 cgroup_of(struct task_struct* p) {
  struct cgroup* cgrp = scx_bpf_task_cgroup(p);
  const __u64 id = cgrp->kn->id;
  bpf_cgroup_release(cgrp);
  return id;
}

SEC("struct_ops.s/cgroups_cgroup_init")
__s32 BPF_PROG(cgroups_cgroup_init, struct cgroup* cgrp, struct scx_cgroup_init_args* args) {
  struct share* share = share_of(0);
  if (!share) return -12;
  share->cgroup = cgrp->kn->id;
  share->weight = args->weight ? args->weight : 1;
  share->used = latest;
  // The queue that init makes has the number of the first cgroup of all.
  return share->cgroup == QUEUE ? 0 : scx_bpf_create_dsq(share->cgroup, -1);
}

SEC("struct_ops.s/cgroups_cgroup_exit")
void BPF_PROG(cgroups_cgroup_exit, struct cgroup* cgrp) {
  struct share* share = share_of(cgrp->kn->id);
  if (!share) return;
  scx_bpf_destroy_dsq(share->cgroup);
  share->cgroup = 0;
}

SEC("struct_ops/cgroups_set_weight")
void BPF_PROG(cgroups_set_weight, struct cgroup* cgrp, __u32 weight) {
  struct share* share = share_of(cgrp->kn->id);
  if (share && weight) share->weight = weight;
}

SEC("struct_ops/cgroups_enqueue")
void BPF_PROG(cgroups_enqueue, struct task_struct* p, __u64 enq_flags) {
  const _Bool kernel = p->flags & KERNEL_THREAD;
  scx_bpf_dsq_insert(p, kernel ? LOCAL : cgroup_of(p), SLICE_NS, enq_flags);
}

SEC("struct_ops/cgroups_dispatch")
void BPF_PROG(cgroups_dispatch, __s32 cpu, struct task_struct* prev) {
  __u64 above = 0;
  // Those with nothing that may run here are passed over, in the order of what they had.
  for (int round = 0; round < 8; round++) {
    struct search search = {.above = above, .found = MOST_CGROUPS};
    bpf_loop(MOST_CGROUPS, look_for_least, &search, 0);
    if (search.found >= MOST_CGROUPS) return;
    struct share* least = &shares[search.found];
    above = least->used + 1;
    if (!scx_bpf_dsq_move_to_local(least->cgroup)) continue;
    if (least->used > latest) latest = least->used;
    return;
  }
}

SEC("struct_ops/cgroups_running")
void BPF_PROG(cgroups_running, struct task_struct* p) {
  started[bpf_get_smp_processor_id() % MOST_CPUS] = bpf_ktime_get_ns();
}

SEC("struct_ops/cgroups_stopping")
void BPF_PROG(cgroups_stopping, struct task_struct* p, _Bool runnable) {
  struct share* share = share_of(cgroup_of(p));
  if (!share || !share->weight) return;
  // Who slept for long does not get all of it back.
  if (share->used + SLICE_NS < latest) share->used = latest - SLICE_NS;
  share->used += (bpf_ktime_get_ns() - started[bpf_get_smp_processor_id() % MOST_CPUS]) / share->weight;
}

SEC(".struct_ops.link")
struct sched_ext_ops cgroups = {
    .enqueue = (void*)cgroups_enqueue,
    .dispatch = (void*)cgroups_dispatch,
    .running = (void*)cgroups_running,
    .stopping = (void*)cgroups_stopping,
    .cgroup_init = (void*)cgroups_cgroup_init,
    .cgroup_exit = (void*)cgroups_cgroup_exit,
    .cgroup_set_weight = (void*)cgroups_set_weight,
    .init = (void*)kinds_init,
    .timeout_ms = 5000,
    .name = "cgroups",
};

// userland: the program that loads it takes from one queue and puts into the other, as a task of a class that
// this scheduler has no say in.
SEC("struct_ops/userland_enqueue")
void BPF_PROG(userland_enqueue, struct task_struct* p, __u64 enq_flags) { held(p, enq_flags); }

SEC("struct_ops/userland_dispatch")
void BPF_PROG(userland_dispatch, __s32 cpu, struct task_struct* prev) {
  __s32 pid;
  for (int i = 0; i < 16; i++) {
    if (bpf_map_pop_elem(&decided, &pid) != 0) break;
    struct task_struct* p = bpf_task_from_pid(pid);
    if (!p) continue;
    scx_bpf_dsq_insert(p, QUEUE, SLICE_NS, 0);
    bpf_task_release(p);
  }
  if (!scx_bpf_dsq_move_to_local(QUEUE)) return;
  for (__u32 other = 0; other < 8; other++) {
    if (other < cpus) scx_bpf_kick_cpu((__s32)other, KICK_IDLE);
  }
}

SEC(".struct_ops.link")
struct sched_ext_ops userland = {
    .enqueue = (void*)userland_enqueue,
    .dispatch = (void*)userland_dispatch,
    .init = (void*)kinds_init,
    .timeout_ms = 5000,
    .name = "userland",
};
