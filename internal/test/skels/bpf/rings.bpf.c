// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// The three ways between programs and user space, each driven by a test run.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

char payload[1024]; /* what run_ring and run_perf send */
__u32 size = 0;
__u64 drained = 0; /* records that came through the user ring */
__u64 drained_bytes = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} user SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} perf SEC(".maps");

SEC("syscall")
int run_ring(void *ctx)
{
	return bpf_ringbuf_output(&ring, payload, size & (sizeof(payload) - 1), 0);
}

SEC("raw_tp")
int run_perf(void *ctx)
{
	return bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, payload, size & (sizeof(payload) - 1));
}

static long take(struct bpf_dynptr *record, void *ctx)
{
	__u32 copy[2];

	drained++;
	if (!bpf_dynptr_read(copy, sizeof(copy), record, 0, 0)) {
		drained_bytes += copy[1];
		bpf_ringbuf_output(&ring, copy, sizeof(copy), 0);
	}
	return 0;
}

SEC("syscall")
int drain_user(void *ctx)
{
	return bpf_user_ringbuf_drain(&user, take, NULL, 0);
}
