// SPDX-License-Identifier: GPL-2.0
// What the tests' schedulers know of the kernel: the few types and functions that they need are declared here
// and matched against the running kernel's BTF when they are loaded, so that they build without any kernel at
// hand. Each declares its own task_struct and sched_ext_ops, with the members that it uses.
#pragma once
// The helpers need the types first.
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
// clang-format on

char license_text[] SEC("license") = "GPL";

#define ACCESS __attribute__((preserve_access_index))
struct task_struct;
struct cpumask {
  unsigned long bits[1];
} ACCESS;

extern __s32 scx_bpf_create_dsq(__u64 dsq, __s32 node) __ksym;
extern void scx_bpf_dsq_insert(struct task_struct* p, __u64 dsq, __u64 slice, __u64 enq_flags) __ksym;
extern _Bool scx_bpf_dsq_move_to_local(__u64 dsq) __ksym;
extern void scx_bpf_kick_cpu(__s32 cpu, __u64 flags) __ksym;
extern struct task_struct* bpf_task_from_pid(__s32 pid) __ksym;
extern void bpf_task_release(struct task_struct* p) __ksym;
extern _Bool bpf_cpumask_test_cpu(__u32 cpu, const struct cpumask* cpumask) __ksym;

#define KERNEL_THREAD 0x00200000
#define LOCAL ((1ULL << 63) | 2)                // SCX_DSQ_LOCAL
#define LOCAL_ON ((1ULL << 63) | (1ULL << 62))  // SCX_DSQ_LOCAL_ON, with the CPU in the low bits
