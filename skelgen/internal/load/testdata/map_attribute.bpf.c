// A map whose declaration says something that libbpf does not know.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(colour, 3);
} counts SEC(".maps");

char LICENSE[] SEC("license") = "GPL";
