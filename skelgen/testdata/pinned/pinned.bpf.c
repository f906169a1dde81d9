// A map that libbpf pins by its name when it is created.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} bpfskel_kept SEC(".maps");

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&bpfskel_kept, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
