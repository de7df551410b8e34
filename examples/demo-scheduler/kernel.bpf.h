// SPDX-License-Identifier: GPL-2.0
// What the scheduler uses of the kernel: types with only the members it needs, found by name in the running kernel's BTF, and
// calls whose names and forms differ between 6.12 and 7.x. What follows a last "___" in a call's name is ours and not the
// kernel's; a form that the running kernel does not have counts as absent and its branch is removed when the program is loaded.
#pragma once

#define ACCESS __attribute__((preserve_access_index))
struct sched_entity {
  __u64 sum_exec_runtime; // nanoseconds
} ACCESS;
struct sched_ext_entity {
  __u32 flags, weight;
  __u64 slice, dsq_vtime;
} ACCESS;
struct task_struct {
  struct sched_entity se;
  struct sched_ext_entity scx;
} ACCESS;
struct scx_init_task_args;

struct sched_ext_ops {
  __s32 (*select_cpu)(struct task_struct *p, __s32 prev_cpu, __u64 wake_flags);
  void (*enqueue)(struct task_struct *p, __u64 enq_flags);
  void (*dispatch)(__s32 cpu, struct task_struct *prev);
  void (*running)(struct task_struct *p);
  void (*stopping)(struct task_struct *p, _Bool runnable);
  void (*enable)(struct task_struct *p);
  __s32 (*init_task)(struct task_struct *p, struct scx_init_task_args *args);
  __s32 (*init)(void);
  char name[128];
};

#define TASK_QUEUED 1U                 // SCX_TASK_QUEUED: wants to run
#define LOCAL_QUEUE ((1ULL << 63) | 2) // SCX_DSQ_LOCAL: of the CPU that select_cpu returned

extern __s32 scx_bpf_create_dsq(__u64 dsq, __s32 node) __ksym;
extern __s32 scx_bpf_select_cpu_dfl(struct task_struct *p, __s32 prev_cpu, __u64 wake_flags, _Bool *is_idle) __ksym;

// 6.12 knows scx_bpf_dispatch, 6.13 renamed it, 6.19 made it return a value, under a second name as long as the first form stays.
extern void scx_bpf_dispatch(struct task_struct *p, __u64 dsq, __u64 slice, __u64 enq_flags) __ksym __weak;
extern void scx_bpf_dsq_insert___void(struct task_struct *p, __u64 dsq, __u64 slice, __u64 enq_flags) __ksym __weak;
extern _Bool scx_bpf_dsq_insert___bool(struct task_struct *p, __u64 dsq, __u64 slice, __u64 enq_flags) __ksym __weak;
extern _Bool scx_bpf_dsq_insert___v2___name(struct task_struct *p, __u64 dsq, __u64 slice, __u64 enq_flags) __ksym __weak;

static __always_inline void insert(struct task_struct *p, __u64 dsq, __u64 slice, __u64 enq_flags) {
  if (bpf_ksym_exists(scx_bpf_dsq_insert___v2___name))
    scx_bpf_dsq_insert___v2___name(p, dsq, slice, enq_flags);
  else if (bpf_ksym_exists(scx_bpf_dsq_insert___bool))
    scx_bpf_dsq_insert___bool(p, dsq, slice, enq_flags);
  else if (bpf_ksym_exists(scx_bpf_dsq_insert___void))
    scx_bpf_dsq_insert___void(p, dsq, slice, enq_flags);
  else
    scx_bpf_dispatch(p, dsq, slice, enq_flags);
}

// The same for queues in vtime order; since 6.19 the numbers come in a struct.
struct scx_bpf_dsq_insert_vtime_args {
  __u64 dsq_id, slice, vtime, enq_flags;
};
extern void scx_bpf_dispatch_vtime(struct task_struct *p, __u64 dsq, __u64 slice, __u64 vtime, __u64 enq_flags) __ksym __weak;
extern void scx_bpf_dsq_insert_vtime(struct task_struct *p, __u64 dsq, __u64 slice, __u64 vtime, __u64 enq_flags) __ksym __weak;
extern _Bool __scx_bpf_dsq_insert_vtime(struct task_struct *p, struct scx_bpf_dsq_insert_vtime_args *args) __ksym __weak;

static __always_inline void insert_by_vtime(struct task_struct *p, __u64 dsq, __u64 slice, __u64 vtime, __u64 enq_flags) {
  if (bpf_ksym_exists(__scx_bpf_dsq_insert_vtime)) {
    struct scx_bpf_dsq_insert_vtime_args args = {.dsq_id = dsq, .slice = slice, .vtime = vtime, .enq_flags = enq_flags};
    __scx_bpf_dsq_insert_vtime(p, &args);
  } else if (bpf_ksym_exists(scx_bpf_dsq_insert_vtime)) {
    scx_bpf_dsq_insert_vtime(p, dsq, slice, vtime, enq_flags);
  } else {
    scx_bpf_dispatch_vtime(p, dsq, slice, vtime, enq_flags);
  }
}

// 6.12 knows scx_bpf_consume, 6.13 renamed it, 7.1 added flags.
extern _Bool scx_bpf_consume(__u64 dsq) __ksym __weak;
extern _Bool scx_bpf_dsq_move_to_local___one(__u64 dsq) __ksym __weak;
extern _Bool scx_bpf_dsq_move_to_local___two(__u64 dsq, __u64 enq_flags) __ksym __weak;
extern _Bool scx_bpf_dsq_move_to_local___v2___name(__u64 dsq, __u64 enq_flags) __ksym __weak;

static __always_inline _Bool move_to_local(__u64 dsq) {
  if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___v2___name)) return scx_bpf_dsq_move_to_local___v2___name(dsq, 0);
  if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___two)) return scx_bpf_dsq_move_to_local___two(dsq, 0);
  if (bpf_ksym_exists(scx_bpf_dsq_move_to_local___one)) return scx_bpf_dsq_move_to_local___one(dsq);
  return scx_bpf_consume(dsq);
}

// Written directly until 6.19 brought these calls; later kernels warn about a direct write.
extern _Bool scx_bpf_task_set_slice(struct task_struct *p, __u64 slice) __ksym __weak;
extern _Bool scx_bpf_task_set_dsq_vtime(struct task_struct *p, __u64 vtime) __ksym __weak;

static __always_inline void set_slice(struct task_struct *p, __u64 slice) {
  if (bpf_ksym_exists(scx_bpf_task_set_slice))
    scx_bpf_task_set_slice(p, slice);
  else
    p->scx.slice = slice;
}

static __always_inline void set_vtime(struct task_struct *p, __u64 vtime) {
  if (bpf_ksym_exists(scx_bpf_task_set_dsq_vtime))
    scx_bpf_task_set_dsq_vtime(p, vtime);
  else
    p->scx.dsq_vtime = vtime;
}
