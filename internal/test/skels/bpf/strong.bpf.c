// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A function of the kernel that the object cannot do without, and that none has.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

void no_such_kfunc(void) __ksym;

SEC("raw_tp/sys_enter")
int calls(void *ctx)
{
	no_such_kfunc();
	return 0;
}
