// A section that libbpf does not know, and that no program uses: no refusal.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int lost SEC("mine") = 1;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
