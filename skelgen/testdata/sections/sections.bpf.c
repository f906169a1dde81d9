// Data sections with names of their own.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int plain = 1;
int tuned SEC(".data.tuning") = 2;
long tuned_too SEC(".data.tuning") = 3;
int odd SEC(".data.odd-name") = 4;
int shared SEC(".data.a.b.c") = 5;
const volatile int limit SEC(".rodata.limits") = 6;
const volatile char label[8] SEC(".rodata.limits") = "seven";
__u64 hits SEC(".bss.hot");
__u32 misses[3] SEC(".bss.hot");
__u8 cold SEC(".bss.cold");

SEC("raw_tp/sys_enter")
int count(void *ctx)
{
	if (tuned > limit)
		misses[1] = tuned + tuned_too + odd + shared + plain;
	else
		__sync_fetch_and_add(&hits, 1);
	cold = label[0];
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
