// Two variables that are one identifier in C. libbpf takes the object, and
// bpftool writes a header that does not compile.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int count asm("my.count") = 1;
int other asm("my_count") = 2;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return count + other;
}

char LICENSE[] SEC("license") = "GPL";
