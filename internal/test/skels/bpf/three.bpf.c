// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Three maps and three programs, whose every call of the kernel is made to fail.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 hits; /* .bss is a map */

#define MAP(kind, name)                            \
	struct {                                   \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, 8);            \
		__type(key, __u32);                \
		__type(value, __u64);              \
	} name SEC(".maps")

MAP(HASH, hash);
MAP(ARRAY, array);

static __always_inline int count(void *map)
{
	__u32 key = 0;
	__u64 one = 1;

	__sync_fetch_and_add(&hits, 1);
	bpf_map_update_elem(map, &key, &one, BPF_ANY);
	return 0;
}

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	return count(&hash);
}

SEC("raw_tp/sys_exit")
int on_exit(void *ctx)
{
	return count(&array);
}

SEC("tp_btf/sys_enter")
int on_typed(void *ctx)
{
	return count(&hash);
}
