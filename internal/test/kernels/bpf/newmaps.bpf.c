// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Kinds of map that kernels and headers older than 7.2 do not have.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, 35); /* BPF_MAP_TYPE_RHASH */
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 100);
	__type(key, __u32);
	__type(value, __u64);
} resizable SEC(".maps");

struct insn {
	__u32 orig_off, xlated_off, jitted_off, unused;
};

struct {
	__uint(type, 34); /* BPF_MAP_TYPE_INSN_ARRAY */
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct insn);
} insns SEC(".maps");
