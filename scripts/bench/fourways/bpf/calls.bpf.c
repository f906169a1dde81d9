// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Watches one system call of one process: how often it is made, and what comes of it.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "calls.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 only_pid = 0;
const volatile __u32 only_call = 0;

__u64 calls = 0;
__u64 failures = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32); /* errno, 0 for success */
	__type(value, __u64);
} results SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

const struct event *unused_event;

struct context {
	__u64 common;
	__s64 call;
	__s64 ret; /* on exit */
};

static int wanted(struct context *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == only_pid && ctx->call == only_call;
}

SEC("tp/raw_syscalls/sys_enter")
int handle_enter(struct context *ctx)
{
	if (wanted(ctx))
		__sync_fetch_and_add(&calls, 1);
	return 0;
}

SEC("tp/raw_syscalls/sys_exit")
int handle_exit(struct context *ctx)
{
	__u32 error = ctx->ret < 0 ? -ctx->ret : 0;
	__u64 one = 1, *count;
	struct event e;

	if (!wanted(ctx))
		return 0;
	if (error)
		__sync_fetch_and_add(&failures, 1);
	count = bpf_map_lookup_elem(&results, &error);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&results, &error, &one, BPF_NOEXIST);
	e.number = calls;
	e.error = error;
	bpf_ringbuf_output(&events, &e, sizeof(e), 0);
	return 0;
}
