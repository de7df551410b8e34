// SPDX-License-Identifier: GPL-2.0
// A small sched_ext scheduler. A task that wakes up while a CPU is idle goes straight there; everybody else waits in one queue,
// ordered by the weighted CPU time each has had, and runs for one slice at a time.
//
// The few kernel types it needs are declared in kernel.bpf.h. libbpf matches them by name with the running kernel's own BTF when
// it loads the program (CO-RE), so one binary runs on every kernel from 6.12 on and no vmlinux.h has to be made for each.
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "demo.h"
#include "kernel.bpf.h"

char demo_license[] SEC("license") = "GPL";

#define SLICE_NS (5 * 1000 * 1000ULL)

const volatile struct demo_options options = {.slice_ns = SLICE_NS};

#define SHARED_QUEUE 0
#define FULL_WEIGHT 100 // of a task with nice 0

// Nanoseconds of CPU time that the furthest task has had, scaled by its weight. Its races are harmless: it only moves forward a
// little late.
__u64 vtime_now = 0;

// How much of a task's running time is already in its vtime.
struct {
  __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, int);
  __type(value, __u64);
} charged_ns SEC(".maps");

static _Bool earlier(__u64 a, __u64 b) { return (__s64)(a - b) < 0; }

static void charge(struct task_struct *p) {
  __u64 *charged = bpf_task_storage_get(&charged_ns, p, 0, 0);
  __u64 ran = p->se.sum_exec_runtime, weight = p->scx.weight;
  if (!charged) return;
  set_vtime(p, p->scx.dsq_vtime + (ran - *charged) * FULL_WEIGHT / (weight ? weight : FULL_WEIGHT));
  *charged = ran;
}

SEC("struct_ops/demo_select_cpu")
__s32 BPF_PROG(demo_select_cpu, struct task_struct *p, __s32 prev_cpu, __u64 wake_flags) {
  _Bool is_idle = 0;
  __s32 cpu = scx_bpf_select_cpu_dfl(p, prev_cpu, wake_flags, &is_idle);
  if (is_idle) insert(p, LOCAL_QUEUE, options.slice_ns, 0);
  return cpu;
}

SEC("struct_ops/demo_enqueue")
void BPF_PROG(demo_enqueue, struct task_struct *p, __u64 enq_flags) {
  __u64 vtime = p->scx.dsq_vtime;
  if (options.fifo) {
    insert(p, SHARED_QUEUE, options.slice_ns, enq_flags);
    return;
  }
  // A long sleep earns one slice of advance and not more.
  if (earlier(vtime, vtime_now - options.slice_ns)) vtime = vtime_now - options.slice_ns;
  set_vtime(p, vtime);
  insert_by_vtime(p, SHARED_QUEUE, options.slice_ns, vtime, enq_flags);
}

SEC("struct_ops/demo_dispatch")
void BPF_PROG(demo_dispatch, __s32 cpu, struct task_struct *prev) {
  // Nobody waits: whoever runs may go on, for a slice of ours instead of the kernel's default of 20 ms.
  if (!move_to_local(SHARED_QUEUE) && prev && prev->scx.flags & TASK_QUEUED) set_slice(prev, options.slice_ns);
}

SEC("struct_ops/demo_running")
void BPF_PROG(demo_running, struct task_struct *p) {
  if (earlier(vtime_now, p->scx.dsq_vtime)) vtime_now = p->scx.dsq_vtime;
}

SEC("struct_ops/demo_stopping")
void BPF_PROG(demo_stopping, struct task_struct *p, _Bool runnable) { charge(p); }

SEC("struct_ops/demo_enable")
void BPF_PROG(demo_enable, struct task_struct *p) {
  __u64 *charged = bpf_task_storage_get(&charged_ns, p, 0, 0);
  if (charged) *charged = p->se.sum_exec_runtime;
  set_vtime(p, vtime_now);
}

SEC("struct_ops.s/demo_init_task")
__s32 BPF_PROG(demo_init_task, struct task_struct *p, struct scx_init_task_args *args) {
  return bpf_task_storage_get(&charged_ns, p, 0, BPF_LOCAL_STORAGE_GET_F_CREATE) ? 0 : -12; // -ENOMEM
}

SEC("struct_ops.s/demo_init")
__s32 BPF_PROG(demo_init) { return scx_bpf_create_dsq(SHARED_QUEUE, -1); }

SEC(".struct_ops.link")
struct sched_ext_ops demo_ops = {
    .select_cpu = (void *)demo_select_cpu,
    .enqueue = (void *)demo_enqueue,
    .dispatch = (void *)demo_dispatch,
    .running = (void *)demo_running,
    .stopping = (void *)demo_stopping,
    .enable = (void *)demo_enable,
    .init_task = (void *)demo_init_task,
    .init = (void *)demo_init,
    .name = "demo",
};
