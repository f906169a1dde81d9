// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A map that is pinned by its name, and sections that tests pin or take over.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u64 limit = 1;
__u64 step = 1;
__u64 total;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} kept SEC(".maps");

SEC("syscall")
int add(void *ctx)
{
	total += step;
	return limit;
}
