// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Maps of the kinds that are compared, and programs that fill the ring buffer.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 counter = 0;
char payload[512];

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, __u32);
	__type(value, __u32);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 20000);
	__type(key, __u64);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} percpu SEC(".maps");

/* What a filling is asked for. Size 0 is sizes from 16 to 256 bytes, mixed. */
struct request {
	__u32 count;
	__u32 size;
	__u64 flags;
};

struct filling {
	struct request request;
	__u32 sent;
};

static long output(__u32 i, struct filling *f)
{
	__u32 size = f->request.size ?: 16 + (i * 1640531527u >> 24) % 241;

	if (bpf_ringbuf_output(&ring, payload, size & (sizeof(payload) - 1), f->request.flags))
		return 1;
	f->sent++;
	return 0;
}

/* Returns how many records fitted. */
SEC("syscall")
int fill(struct request *r)
{
	struct filling f = { .request = *r };

	/* A separate load of 32 bits: bpf_loop uses all 64 bits of the register. */
	bpf_loop(*(volatile __u32 *)&r->count, output, &f, 0);
	return f.sent;
}

SEC("raw_tp")
int fill_perf(void *ctx)
{
	return bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, payload, 32);
}
