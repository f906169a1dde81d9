// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A scheduler for sched_ext: the kernel's own queue, and a count of what runs.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct;

struct sched_ext_ops {
	void (*running)(struct task_struct *p);
	__u32 timeout_ms;
	char name[128];
} __attribute__((preserve_access_index));

__u64 runs;

SEC("struct_ops")
void BPF_PROG(running, struct task_struct *p)
{
	__sync_fetch_and_add(&runs, 1);
}

SEC(".struct_ops.link")
struct sched_ext_ops scheduler = {
	.running = (void *)running,
	.name = "bpfskel",
};
