// A function that another object defines.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int elsewhere(int);

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return elsewhere(1);
}

char LICENSE[] SEC("license") = "GPL";
