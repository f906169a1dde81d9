// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Makes this kernel one without mmap-able arrays, as those before 5.5 were. It has no data sections, so that libbpf
// does not look for such arrays before it is in place.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("lsm/bpf")
int BPF_PROG(deny, int cmd, union bpf_attr *attr, unsigned int size)
{
	if (cmd == BPF_MAP_CREATE && attr->map_flags & BPF_F_MMAPABLE)
		return -22; /* EINVAL */
	return 0;
}
