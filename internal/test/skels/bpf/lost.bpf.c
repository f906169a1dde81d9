// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Programs that no kernel loads, none of them for the verifier's own reasons.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

int out;

#define LOST(section, name) SEC(section) int name(void *ctx) { return 0; }

LOST("?fentry/no_such_function", no_function)
LOST("?tp_btf/no_such_tracepoint", no_tracepoint)
LOST("?lsm/no_such_hook", no_hook)
LOST("?fexit", no_target)
LOST("?strange/place", no_section)
LOST("?uprobe//proc/self/exe:bpfskel_absent", no_symbol)

struct task_struct {
	int pid;
	int no_such_member;
} __attribute__((preserve_access_index));

SEC("?tp_btf/sys_enter")
int no_member(unsigned long long *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();

	out = task->no_such_member;
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, int);
	__type(value, int);
} absent SEC(".maps");

SEC("?raw_tp/sys_enter")
int no_map(void *ctx)
{
	int key = 0;

	return bpf_map_lookup_elem(&absent, &key) != 0;
}

void no_such_kfunc(void) __ksym __attribute__((weak));

SEC("?raw_tp/sys_enter")
int no_kfunc(void *ctx)
{
	no_such_kfunc();
	return 0;
}

extern int CONFIG_NO_SUCH_THING __kconfig;

SEC("?raw_tp/sys_enter")
int no_setting(void *ctx)
{
	return CONFIG_NO_SUCH_THING;
}
