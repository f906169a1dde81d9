// struct_ops maps with members of every kind: several of one type, one of a
// type that has a later flavour, and types that no kernel has.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "structops_many.h"

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
	__u32 flags;
};

struct tcp_congestion_ops___v2 {
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 flags;
	char name[16];
};

typedef const volatile __u16 port_t;
typedef int (*handler_t)(int);

struct settings {
	bool on;
	enum mode mode;
	char letter;
	enum wide wide;
	port_t port;
	float ratio;
	double share;
	long big;
};

struct bpf_skel_ops {
	bool on;
	enum mode mode;
	char letter;
	enum wide wide;
	port_t port;
	float ratio;
	double share;
	handler_t handler;
	int (*open)(int);
	void (*close)(void);
	void *pointer;
	const char *text;
	int numbers[3];
	struct settings settings;
	union {
		int i;
		long l;
	} either;
	__u8 last;
} __attribute__((aligned(16)));

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

SEC("?struct_ops")
int BPF_PROG(skel_open, int a)
{
	return a;
}

SEC(".struct_ops.link")
struct tcp_congestion_ops cc_one = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "bpfskel_one",
};

SEC(".struct_ops.link")
struct tcp_congestion_ops cc_other = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "bpfskel_other",
};

SEC(".struct_ops.link")
struct tcp_congestion_ops___v2 cc_later = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "bpfskel_later",
};

SEC("?.struct_ops")
struct bpf_skel_ops skel_ops = {
	.open = (void *)skel_open,
	.mode = MODE_FAST,
	.numbers = {1, 2, 3},
	.settings = {.on = true, .big = 9},
};

char LICENSE[] SEC("license") = "GPL";
