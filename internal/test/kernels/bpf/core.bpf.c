// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Reads a field of the kernel's where this kernel has it: needs the types of the running kernel.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

__u32 tgid = 0;
__u32 helper_tgid = 0;

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	tgid = BPF_CORE_READ(task, tgid);
	helper_tgid = bpf_get_current_pid_tgid() >> 32;
	return 0;
}
