// SPDX-License-Identifier: GPL-2.0
// Heavy takes the verifier a while, and light can be run for as long as one likes.
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

volatile __u32 seed;
__u64 sum, runs;

SEC("?tc")
int heavy(struct __sk_buff *skb)
{
	__u64 total = 0;

	for (int i = 0; i < 1500; i++) {
		__u32 key = seed & 15;
		__u64 *number = bpf_map_lookup_elem(&numbers, &key);

		if (key & 1)
			total += i;
		if (total & 4)
			total ^= key;
		if (number)
			total += *number;
	}
	sum = total;
	return 0;
}

SEC("tc")
int light(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&runs, 1);
	return 7;
}

char LICENSE[] SEC("license") = "GPL";
