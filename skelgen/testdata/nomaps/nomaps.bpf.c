// A program and nothing else.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
