// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A tool of usual size: three maps, three programs, some variables.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 wanted = 0;
__u64 hits = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

#define PROGRAM(name)								\
SEC("raw_tp/task_rename")							\
int name(void *ctx)								\
{										\
	__u32 key = bpf_get_current_pid_tgid() >> 32;				\
	__u64 *count = bpf_map_lookup_elem(&counts, &key);			\
										\
	if (wanted && key != wanted)						\
		return 0;							\
	__sync_fetch_and_add(count ?: &hits, 1);				\
	return 0;								\
}

PROGRAM(first)
PROGRAM(second)
PROGRAM(third)
