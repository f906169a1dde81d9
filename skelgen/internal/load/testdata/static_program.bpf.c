// A program that nobody outside the file may see.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_enter")
static int run(void *ctx)
{
	return 0;
}

void *keep[] SEC(".data.keep") = {(void *)run};

char LICENSE[] SEC("license") = "GPL";
