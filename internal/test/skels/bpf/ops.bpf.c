// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// TCP congestion controls: struct_ops maps, to be set before load, registered, and
// replaced while they are in use.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*init)(struct sock *sk);
	char name[16];
	__u32 flags;
} __attribute__((preserve_access_index));

/* Which init ran how often. */
__u64 first_inits;
__u64 second_inits;

SEC("struct_ops")
void BPF_PROG(first_init, struct sock *sk)
{
	__sync_fetch_and_add(&first_inits, 1);
}

SEC("struct_ops")
void BPF_PROG(second_init, struct sock *sk)
{
	__sync_fetch_and_add(&second_inits, 1);
}

SEC("struct_ops")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
	return 2;
}

SEC("struct_ops")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return 2;
}

#define OPS(section, var, start, called)              \
	SEC(section) struct tcp_congestion_ops var = { \
		.init = (void *)start,                \
		.ssthresh = (void *)ssthresh,         \
		.cong_avoid = (void *)cong_avoid,     \
		.undo_cwnd = (void *)undo_cwnd,       \
		.name = called,                       \
	}

OPS(".struct_ops.link", first, first_init, "bpfskel_live");
OPS(".struct_ops.link", second, second_init, "bpfskel_live");
/* Registered without a link of the kernel's. */
OPS(".struct_ops", old, first_init, "bpfskel_old");
