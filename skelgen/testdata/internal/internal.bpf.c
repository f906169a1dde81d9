// Data sections that the compiler makes, without BTF: strings and constants.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	__u64 a, b;
};

__u64 sum;

SEC("raw_tp/sys_enter")
int internal(void *ctx)
{
	// A constant of 16 bytes is in .rodata.cst16, a literal in .rodata.str1.1.
	struct pair pairs[2] = {{1, 2}, {3, 4}};
	const volatile struct pair p = {0x1122334455667788, 0x99aabbccddeeff00};
	char word[16] = "fifteen letters";

	bpf_trace_printk("literal", 8);
	sum += p.a + p.b + pairs[bpf_get_smp_processor_id() & 1].b;
	bpf_get_current_comm(word + (sum & 1), 8);
	return word[sum & 15];
}

char LICENSE[] SEC("license") = "GPL";
