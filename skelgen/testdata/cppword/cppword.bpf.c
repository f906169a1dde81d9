// Names that C takes and C++ does not.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int class = 1;
int new;

SEC("raw_tp/sys_enter")
int delete(void *ctx)
{
	return class + new;
}

char LICENSE[] SEC("license") = "GPL";
