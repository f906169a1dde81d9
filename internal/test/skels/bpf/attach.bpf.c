// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A program for each way to attach. None is loaded unless a test asks for it; each
// counts its runs and keeps the cookie that it was attached with.
#include <stdbool.h>
#include <asm/ptrace.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/usdt.bpf.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 runs;
__u64 other_runs;
__u64 cookie;
__s64 usdt_first;

static __always_inline int ran(void *ctx)
{
	__sync_fetch_and_add(&runs, 1);
	cookie = bpf_get_attach_cookie(ctx);
	return 0;
}

#define PROBE(section, name) SEC(section) int name(void *ctx) { return ran(ctx); }

PROBE("?perf_event", perf)
PROBE("?kprobe", kprobe)
PROBE("?kprobe.multi", kprobe_multi)
PROBE("?ksyscall", ksyscall)
PROBE("?uprobe", uprobe)
PROBE("?uprobe.multi", uprobe_multi)
PROBE("?uprobe/./target:main.target_one", uprobe_named)
PROBE("?uprobe.multi/./target:main.*target_*", uprobe_multi_named)
PROBE("?tp", tp)

/* Kernels before 6.10 do not know a cookie here. */
#define COUNT(section, name, returned)               \
	SEC(section) int name(void *ctx)             \
	{                                            \
		__sync_fetch_and_add(&runs, 1);      \
		return returned;                     \
	}
#define OTHER(section, name, returned)               \
	SEC(section) int name(void *ctx)             \
	{                                            \
		__sync_fetch_and_add(&other_runs, 1); \
		return returned;                     \
	}

COUNT("?raw_tp", raw_tp, 0)
OTHER("?raw_tp", raw_tp_other, 0)
PROBE("?raw_tp", raw_tp_cookie)
COUNT("?tp_btf/sys_enter", tp_btf, 0)
PROBE("?fentry/vfs_open", fentry)
COUNT("?lsm/file_open", lsm, 0)
COUNT("?cgroup_skb/egress", cgroup, 1)
OTHER("?cgroup_skb/egress", cgroup_other, 1)
COUNT("?sk_lookup", netns, SK_PASS)
COUNT("?xdp", xdp, XDP_PASS)
OTHER("?xdp", xdp_other, XDP_PASS)
COUNT("?tc", tc, 0)
OTHER("?tc", tc_other, 0)
COUNT("?tcx/ingress", tcx, -1)
OTHER("?tcx/ingress", tcx_other, 0) /* and no other after it */
COUNT("?netkit/primary", netkit, -1)
COUNT("?netfilter", netfilter, 1)

SEC("?usdt")
int BPF_USDT(usdt, long first)
{
	__sync_fetch_and_add(&runs, 1);
	cookie = bpf_usdt_cookie(ctx);
	usdt_first = first;
	return 0;
}

/* A named target, for links that a skeleton makes by itself. */
SEC("?usdt//proc/self/exe:bpfskel:nowhere")
int BPF_USDT(usdt_named)
{
	return 0;
}

/* A function that another program replaces. */
__attribute__((noinline)) int replaceable(struct xdp_md *ctx)
{
	volatile int out = 1;

	return ctx ? out : 0;
}

SEC("?xdp")
int calls(struct xdp_md *ctx)
{
	return replaceable(ctx);
}

SEC("?freplace/replaceable")
int replacement(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&runs, 1);
	return 3;
}

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

COUNT("?sk_skb/stream_verdict", verdict, SK_PASS)

struct seq_file;
struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_map_elem {
	struct bpf_iter_meta *meta;
	void *key;
	void *value;
} __attribute__((preserve_access_index));

struct bpf_iter__cgroup {
	struct bpf_iter_meta *meta;
	void *cgroup;
} __attribute__((preserve_access_index));

SEC("?iter/task")
int iter_task(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%d %d\n", task->tgid, task->pid);
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} squares SEC(".maps");

SEC("?iter/bpf_map_elem")
int iter_map(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (key && value)
		BPF_SEQ_PRINTF(ctx->meta->seq, "%u %llu\n", *key, *value);
	return 0;
}

SEC("?iter/cgroup")
int iter_cgroup(struct bpf_iter__cgroup *ctx)
{
	if (ctx->cgroup)
		BPF_SEQ_PRINTF(ctx->meta->seq, "cgroup\n");
	return 0;
}
