// clang: -target bpfeb
// For a host of the other byte order.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

int setting = 0x01020304;
const volatile __u64 limit = 7;
__u64 hits;

SEC("raw_tp/sys_enter")
int count(void *ctx)
{
	__sync_fetch_and_add(&hits, setting > limit);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
