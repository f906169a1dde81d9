// A variable that another object defines.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int elsewhere;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return elsewhere;
}

char LICENSE[] SEC("license") = "GPL";
