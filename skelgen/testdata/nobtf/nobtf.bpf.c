// clang: -g0
// Compiled without BTF: programs, and data that nobody can describe.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int setting = 1;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return setting;
}

char LICENSE[] SEC("license") = "GPL";
