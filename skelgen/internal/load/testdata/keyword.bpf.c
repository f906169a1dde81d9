// A variable called as a keyword of C is, which only another language can write.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int count asm("register") = 1;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return count;
}

char LICENSE[] SEC("license") = "GPL";
