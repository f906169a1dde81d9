// A struct_ops map: a congestion control that keeps the window at two.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
	__u32 key;
	__u32 flags;
	void (*init)(struct sock *sk);
};

__u32 window = 2;
__u64 opened;

SEC("struct_ops/two_init")
void BPF_PROG(two_init, struct sock *sk)
{
	__sync_fetch_and_add(&opened, 1);
}

SEC("struct_ops/two_ssthresh")
__u32 BPF_PROG(two_ssthresh, struct sock *sk)
{
	return window;
}

SEC("struct_ops/two_cong_avoid")
void BPF_PROG(two_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops/two_undo_cwnd")
__u32 BPF_PROG(two_undo_cwnd, struct sock *sk)
{
	return window;
}

SEC(".struct_ops")
struct tcp_congestion_ops two = {
	.init = (void *)two_init,
	.ssthresh = (void *)two_ssthresh,
	.cong_avoid = (void *)two_cong_avoid,
	.undo_cwnd = (void *)two_undo_cwnd,
	.name = "bpfskel_two",
};

char LICENSE[] SEC("license") = "GPL";
