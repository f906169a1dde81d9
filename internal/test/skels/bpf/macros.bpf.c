// Names that are macros where C includes the header of this object.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, int);
	__type(value, __u64);
} errno SEC(".maps");

__u64 linux;

SEC("raw_tp/sys_exit")
int unix(void *ctx)
{
	int key = 7;
	__u64 one = 1;

	linux++;
	bpf_map_update_elem(&errno, &key, &one, BPF_ANY);
	return 0;
}
