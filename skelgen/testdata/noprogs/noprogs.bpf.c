// Maps and data without a program.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} store SEC(".maps");

int setting = 1;

char LICENSE[] SEC("license") = "GPL";
