// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Reports processes that start a program, and how long it runs.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include "execsnoop.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Set by user space before load. */
const volatile __u32 only_uid = 0;
const volatile bool any_uid = true;
const volatile __u64 min_duration_ns = 0; /* report no shorter run's end */

__u64 dropped = 0; /* events that the ring buffer had no room for */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);   /* process */
	__type(value, __u64); /* time of its exec, in ns */
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

/* For user space's type: an event, which only the ring buffer holds. */
const struct event *unused_event;

/* The kernel's, as far as it is needed; libbpf finds the real offsets. */
struct task_struct {
	int exit_code;
	int tgid;
	struct task_struct *real_parent;
} __attribute__((preserve_access_index));

struct exec_context {
	__u64 common;
	__u32 filename_at; /* offset in the low 16 bits */
};

static struct event *new_event(enum event_kind kind, __u32 pid, __u32 uid)
{
	struct event *e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	struct task_struct *task = (void *)bpf_get_current_task();

	if (!e) {
		__sync_fetch_and_add(&dropped, 1);
		return NULL;
	}
	e->kind = kind;
	e->pid = pid;
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	e->uid = uid;
	e->exit_code = BPF_CORE_READ(task, exit_code);
	e->duration_ns = 0;
	e->filename[0] = 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	return e;
}

SEC("tp/sched/sched_process_exec")
int handle_exec(struct exec_context *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32, uid = bpf_get_current_uid_gid();
	__u64 now = bpf_ktime_get_ns();
	struct event *e;

	if (!any_uid && uid != only_uid)
		return 0;
	bpf_map_update_elem(&started, &pid, &now, BPF_ANY);
	if (min_duration_ns || !(e = new_event(EVENT_EXEC, pid, uid)))
		return 0;
	bpf_probe_read_kernel_str(e->filename, sizeof(e->filename), (void *)ctx + (ctx->filename_at & 0xffff));
	bpf_ringbuf_submit(e, 0);
	return 0;
}

SEC("tp/sched/sched_process_exit")
int handle_exit(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), *start, ran;
	__u32 pid = id >> 32;
	struct event *e;

	if (pid != (__u32)id) /* a thread, not the process */
		return 0;
	start = bpf_map_lookup_elem(&started, &pid);
	if (!start)
		return 0;
	ran = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&started, &pid);
	if (ran < min_duration_ns || !(e = new_event(EVENT_EXIT, pid, bpf_get_current_uid_gid())))
		return 0;
	e->duration_ns = ran;
	bpf_ringbuf_submit(e, 0);
	return 0;
}
