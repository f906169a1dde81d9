// Names that need changing to be C identifiers, and names that C and Go treat apart.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int dotted asm("a.dotted.name") = 1;
int dollar$name = 2;
int a_very_long_name_that_goes_on_and_on_for_much_longer_than_the_sixteen_bytes_that_the_kernel_keeps = 3;
int UPPER = 4;
int _leading = 5;
int trailing_ = 6;
int double__score = 7;
int camelCase = 8;
int camel_case = 9;
int type = 10;
int func = 11;
int range = 12;
int chan = 13;
int maps = 14;
int progs = 15;
int open = 16;
int close = 17;
int load = 18;
int data = 19;
int string = 20;
int nil = 21;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} a_map_name_longer_than_the_kernel_keeps SEC(".maps"), type_map SEC(".maps"), open_map SEC(".maps");

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return dotted + dollar$name + type;
}

SEC("raw_tp/sys_enter")
int a_program_name_longer_than_the_kernel_keeps(void *ctx)
{
	return 0;
}

SEC("raw_tp/sys_enter")
int attach(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
