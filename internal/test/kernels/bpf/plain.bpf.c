// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// What every kernel from 5.10 up loads: data sections, a map, a ring buffer, a program that needs no mount.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u64 step = 1;
__u64 total = 40;
__u64 calls = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	__u32 key = bpf_get_current_pid_tgid() >> 32;
	__u64 value = step;

	__sync_fetch_and_add(&calls, 1);
	__sync_fetch_and_add(&total, step);
	bpf_map_update_elem(&seen, &key, &value, BPF_ANY);
	bpf_ringbuf_output(&events, &value, sizeof(value), 0);
	return 0;
}
