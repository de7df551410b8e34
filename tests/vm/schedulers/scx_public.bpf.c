// SPDX-License-Identifier: GPL-2.0
// Mistakes that public sched_ext schedulers have made, as small as they get: one set of operations each,
// which does it as it was or, with `mended`, as it was put right. bench/known-bugs/schedulers.tsv says where
// they are from.
#include "kernel.bpf.h"

struct sched_ext_entity {
  __u64 slice;
} ACCESS;
struct task_struct {
  int pid;
  unsigned int flags;
  int nr_cpus_allowed;
  const struct cpumask* cpus_ptr;
  struct sched_ext_entity scx;
} ACCESS;

// Only the members used here; the loader finds them by name in the kernel's own struct.
struct sched_ext_ops {
  void (*enqueue)(struct task_struct* p, __u64 enq_flags);
  void (*dispatch)(__s32 cpu, struct task_struct* prev);
  void (*running)(struct task_struct* p);
  __s32 (*init)(void);
  __u32 timeout_ms;
  char name[128];
};

extern __s32 scx_bpf_task_cpu(const struct task_struct* p) __ksym;

#define FIRST_QUEUE 1
#define QUEUES 2
#define SLICE_NS 20000000ULL

const volatile __u32 mended = 0;

SEC("struct_ops.s/public_init")
__s32 BPF_PROG(public_init) {
  __s32 failed = scx_bpf_create_dsq(FIRST_QUEUE, -1);
  return failed ? failed : scx_bpf_create_dsq(FIRST_QUEUE + 1, -1);
}

SEC("struct_ops/public_dispatch")
void BPF_PROG(public_dispatch, __s32 cpu, struct task_struct* prev) {
  scx_bpf_dsq_move_to_local(FIRST_QUEUE);
}

static __always_inline _Bool kernel_thread_of_one_cpu(const struct task_struct* p) {
  return p->flags & KERNEL_THREAD && p->nr_cpus_allowed == 1;
}

// The slice begins anew whenever a task begins to run, also after a task of a higher class that took the CPU
// for a moment. Mended: it is given once, with the CPU.
SEC("struct_ops/lavd_enqueue")
void BPF_PROG(lavd_enqueue, struct task_struct* p, __u64 enq_flags) {
  scx_bpf_dsq_insert(p, FIRST_QUEUE, SLICE_NS, enq_flags);
}
SEC("struct_ops/lavd_running")
void BPF_PROG(lavd_running, struct task_struct* p) {
  if (!mended) p->scx.slice = SLICE_NS;
}
SEC(".struct_ops.link")
struct sched_ext_ops lavd = {
    .enqueue = (void*)lavd_enqueue,
    .dispatch = (void*)public_dispatch,
    .running = (void*)lavd_running,
    .init = (void*)public_init,
    .timeout_ms = 5000,
    .name = "lavd",
};

// Two queues, of which each CPU serves one. A task's queue is a matter of the task and not of the CPUs that
// it may use. Mended: who may not use all CPUs waits in the queue of the one that the kernel chose.
SEC("struct_ops/p2dq_enqueue")
void BPF_PROG(p2dq_enqueue, struct task_struct* p, __u64 enq_flags) {
  const _Bool bound = p->nr_cpus_allowed < QUEUES;
  const __u32 choice = mended && bound ? (__u32)scx_bpf_task_cpu(p) : (__u32)p->pid;
  const __u64 queue = FIRST_QUEUE + choice % QUEUES;
  scx_bpf_dsq_insert(p, kernel_thread_of_one_cpu(p) ? LOCAL : queue, SLICE_NS, enq_flags);
}
SEC("struct_ops/p2dq_dispatch")
void BPF_PROG(p2dq_dispatch, __s32 cpu, struct task_struct* prev) {
  scx_bpf_dsq_move_to_local(FIRST_QUEUE + (__u32)cpu % QUEUES);
}
SEC(".struct_ops.link")
struct sched_ext_ops p2dq = {
    .enqueue = (void*)p2dq_enqueue,
    .dispatch = (void*)p2dq_dispatch,
    .init = (void*)public_init,
    .timeout_ms = 5000,
    .name = "p2dq",
};

// A task has a CPU that was chosen once, and is sent there. Mended: if it still may run there.
SEC("struct_ops/bpfland_enqueue")
void BPF_PROG(bpfland_enqueue, struct task_struct* p, __u64 enq_flags) {
  const __u32 cpu = (__u32)p->pid % 2;
  const _Bool may = !mended || bpf_cpumask_test_cpu(cpu, p->cpus_ptr);
  scx_bpf_dsq_insert(p, kernel_thread_of_one_cpu(p) || !may ? LOCAL : LOCAL_ON | cpu, SLICE_NS, enq_flags);
}
SEC(".struct_ops.link")
struct sched_ext_ops bpfland = {
    .enqueue = (void*)bpfland_enqueue,
    .dispatch = (void*)public_dispatch,
    .init = (void*)public_init,
    .timeout_ms = 5000,
    .name = "bpfland",
};
