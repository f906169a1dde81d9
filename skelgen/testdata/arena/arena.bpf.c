// An arena that holds global variables.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "arena.h"

#define __arena_global SEC(".addr_space.1") __arena

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 16); // pages
} heap SEC(".maps");

__u64 hits __arena_global = 5;
int __arena_global table[4] = {1, 2, 3, 4};
struct node __arena_global first;
char __arena_global name[12] = "arena";
__u64 plain;

SEC("syscall")
int run(void *ctx)
{
	hits += table[2];
	first.value = hits;
	plain = hits;
	return (long)&heap & 0;
}

char LICENSE[] SEC("license") = "GPL";
