// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A program that reads structs of the kernel, whose offsets are relocated at load (CO-RE).
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
} __attribute__((preserve_access_index));

__u64 orphans = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} parents SEC(".maps");

SEC("raw_tp/task_rename")
int count(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 parent = BPF_CORE_READ(task, real_parent, tgid);
	__u64 *count = bpf_map_lookup_elem(&parents, &parent), one = 1;

	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&parents, &parent, &one, BPF_ANY);
	if (BPF_CORE_READ(task, real_parent, pid) == 1)
		__sync_fetch_and_add(&orphans, 1);
	return 0;
}
