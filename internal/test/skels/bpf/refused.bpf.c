// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A program that the verifier refuses, after a log of many lines.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

__u64 out;

SEC("raw_tp/sys_enter")
int good(void *ctx)
{
	out++;
	return 0;
}

SEC("raw_tp/sys_enter")
int bad(void *ctx)
{
	__u64 sum = 0;

#pragma unroll
	for (int i = 0; i < 200; i++)
		sum = sum * 3 + bpf_get_prandom_u32();
	out = sum + *(volatile __u64 *)(long)sum;
	return 0;
}
