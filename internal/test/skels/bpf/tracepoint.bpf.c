// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A program that needs tracefs to be attached.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile int my_pid = 0;
__u64 hits;

SEC("tp/syscalls/sys_enter_getpgid")
int handle_tp(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == my_pid)
		__sync_fetch_and_add(&hits, 1);
	return 0;
}
