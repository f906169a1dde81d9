// A variable in a section that libbpf makes no map of.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int lost SEC("mine") = 1;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return lost;
}

char LICENSE[] SEC("license") = "GPL";
