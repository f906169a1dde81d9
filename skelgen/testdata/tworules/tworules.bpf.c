// Section names on which the rules for maps and for sections disagree: to one
// .rodata.data.x is "data_x", to the other "rodata_data_x".
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int plain = 1;
const volatile int odd SEC(".rodata.data.x") = 2;
int odd_too SEC(".bss.rodata.y");
int known SEC(".data.bss.z") = 3;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return plain + odd + odd_too + known;
}

char LICENSE[] SEC("license") = "GPL";
