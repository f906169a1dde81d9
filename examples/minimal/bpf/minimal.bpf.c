// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Counts system calls by the name of the process that makes them.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set by user space before load; constant from then on. */
const volatile int my_pid = 0; /* a process to leave out, 0 for none */

/* Live: user space reads and writes them while the programs run. */
__u64 hits = 0;     /* system calls counted */
__u64 switches = 0; /* switches from one process to another */
__u32 paused = 0;   /* count nothing for now */

struct key {
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key);
	__type(value, __u64);
} counts SEC(".maps");

SEC("tp/raw_syscalls/sys_enter")
int handle_tp(void *ctx)
{
	struct key key = {};
	__u64 one = 1, *count;

	if (paused || bpf_get_current_pid_tgid() >> 32 == my_pid)
		return 0;
	bpf_get_current_comm(key.comm, sizeof(key.comm));
	__sync_fetch_and_add(&hits, 1);
	count = bpf_map_lookup_elem(&counts, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_NOEXIST);
	return 0;
}

SEC("tp/sched/sched_switch")
int handle_switch(void *ctx)
{
	if (!paused)
		__sync_fetch_and_add(&switches, 1);
	return 0;
}
