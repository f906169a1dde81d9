// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A hundred programs over a map each ten of them share.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 hits[100];

#define MAP(m)									\
struct {									\
	__uint(type, BPF_MAP_TYPE_ARRAY);					\
	__uint(max_entries, 16);						\
	__type(key, __u32);							\
	__type(value, __u64);							\
} map##m SEC(".maps");

#define PROGRAM(m, n)								\
SEC("raw_tp/task_rename")							\
int prog##m##n(void *ctx)							\
{										\
	__u32 key = n;								\
	__u64 *count = bpf_map_lookup_elem(&map##m, &key);			\
										\
	if (count)								\
		__sync_fetch_and_add(count, 1);					\
	__sync_fetch_and_add(&hits[m * 10 + n], 1);				\
	return 0;								\
}

#define TEN(m) MAP(m)								\
	PROGRAM(m, 0) PROGRAM(m, 1) PROGRAM(m, 2) PROGRAM(m, 3) PROGRAM(m, 4)	\
	PROGRAM(m, 5) PROGRAM(m, 6) PROGRAM(m, 7) PROGRAM(m, 8) PROGRAM(m, 9)

TEN(0) TEN(1) TEN(2) TEN(3) TEN(4) TEN(5) TEN(6) TEN(7) TEN(8) TEN(9)
