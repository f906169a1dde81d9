// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A map with an attribute that libbpf does not know: generate.sh renames map_extra
// in the object that the package embeds.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__uint(map_extra, 0);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");
