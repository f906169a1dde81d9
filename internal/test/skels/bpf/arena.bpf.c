// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// An arena with a variable in it. Tests give it an address.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16); /* pages */
} heap SEC(".maps");

__u64 table[1024] SEC(".addr_space.1") __arena = {5}; /* two pages */

SEC("syscall")
int run(void *ctx)
{
	return ((long)&heap & 0) + ++table[0];
}
