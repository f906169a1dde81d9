// Linked behind weak.bpf.c: BTF then has the place of the weak variable.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

int limit = 5;

extern int read_limit(void);

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return read_limit() + limit;
}
