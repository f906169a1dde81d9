// Programs of many types, most of which attach by themselves.
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 hits[10];

SEC("raw_tp/sys_enter")
int on_raw_tp(void *ctx)
{
	__sync_fetch_and_add(&hits[0], 1);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_tp_btf, void *regs, long ret)
{
	__sync_fetch_and_add(&hits[1], 1);
	return 0;
}

SEC("tp/syscalls/sys_enter_getpid")
int on_tp(void *ctx)
{
	__sync_fetch_and_add(&hits[2], 1);
	return 0;
}

SEC("iter/task")
int each_task(void *ctx)
{
	hits[3]++;
	return 0;
}

SEC("syscall")
int run(void *ctx)
{
	hits[4]++;
	return 7;
}

SEC("xdp")
int on_xdp(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("tc")
int on_tc(struct __sk_buff *skb)
{
	return TC_ACT_OK;
}

SEC("socket")
int on_socket(struct __sk_buff *skb)
{
	return 0;
}

SEC("cgroup_skb/egress")
int on_egress(struct __sk_buff *skb)
{
	return 1;
}

SEC("?tp_btf/no_such_tracepoint")
int optional(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
