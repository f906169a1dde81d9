// An arena without global variables: a map like any other.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4); // pages
} heap SEC(".maps");

SEC("syscall")
int run(void *ctx)
{
	return (long)&heap & 0;
}

char LICENSE[] SEC("license") = "GPL";
