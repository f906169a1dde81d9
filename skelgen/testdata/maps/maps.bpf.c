// Maps of every kind that a program declares.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "maps.h"

#define MAP(name, kind, k, v)                 \
	struct {                              \
		__uint(type, kind);           \
		__uint(max_entries, 16);      \
		__type(key, k);               \
		__type(value, v);             \
	} name SEC(".maps")

#define SIZED(name, kind, k, v)               \
	struct {                              \
		__uint(type, kind);           \
		__uint(max_entries, 4);       \
		__uint(key_size, k);          \
		__uint(value_size, v);        \
	} name SEC(".maps")

#define STORAGE(name, kind)                   \
	struct {                              \
		__uint(type, kind);           \
		__uint(map_flags, BPF_F_NO_PREALLOC); \
		__type(key, int);             \
		__type(value, struct value);  \
	} name SEC(".maps")

#define RING(name, kind)                      \
	struct {                              \
		__uint(type, kind);           \
		__uint(max_entries, 4096);    \
	} name SEC(".maps")

#define PUSHED(name, kind)                    \
	struct {                              \
		__uint(type, kind);           \
		__uint(max_entries, 8);       \
		__type(value, struct value);  \
	} name SEC(".maps")

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} first SEC(".maps"), second SEC(".maps");

MAP(hash, BPF_MAP_TYPE_HASH, struct key, struct value);
MAP(array, BPF_MAP_TYPE_ARRAY, __u32, struct value);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, __u32, __u64);
MAP(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, struct value);
MAP(lru_hash, BPF_MAP_TYPE_LRU_HASH, __u64, __u32);
MAP(lru_percpu_hash, BPF_MAP_TYPE_LRU_PERCPU_HASH, __u64, __u32);
MAP(devmap, BPF_MAP_TYPE_DEVMAP, __u32, __u32);
MAP(devmap_hash, BPF_MAP_TYPE_DEVMAP_HASH, __u32, __u32);
MAP(sockmap, BPF_MAP_TYPE_SOCKMAP, __u32, __u64);
MAP(sockhash, BPF_MAP_TYPE_SOCKHASH, __u64, __u64);
MAP(cpumap, BPF_MAP_TYPE_CPUMAP, __u32, __u32);
MAP(reuseport, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, __u32, __u64);
SIZED(untyped, BPF_MAP_TYPE_HASH, 3, 5);
SIZED(programs, BPF_MAP_TYPE_PROG_ARRAY, 4, 4);
SIZED(perf_events, BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4);
SIZED(cgroups, BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4);
SIZED(stacks, BPF_MAP_TYPE_STACK_TRACE, 4, 8 * 127);
STORAGE(sk_storage, BPF_MAP_TYPE_SK_STORAGE);
STORAGE(task_storage, BPF_MAP_TYPE_TASK_STORAGE);
STORAGE(cgrp_storage, BPF_MAP_TYPE_CGRP_STORAGE);
RING(ring, BPF_MAP_TYPE_RINGBUF);
RING(user_ring, BPF_MAP_TYPE_USER_RINGBUF);
PUSHED(queue, BPF_MAP_TYPE_QUEUE);
PUSHED(stack, BPF_MAP_TYPE_STACK);
PUSHED(bloom, BPF_MAP_TYPE_BLOOM_FILTER);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} routes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} outer_array SEC(".maps") = {.values = {&first, &second}};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u64);
	__array(values, struct inner);
} outer_hash SEC(".maps");

SEC("raw_tp/sys_enter")
int count(void *ctx)
{
	struct key key = {.pid = bpf_get_current_pid_tgid() >> 32};
	struct value zero = {}, *v;

	bpf_get_current_comm(key.comm, sizeof(key.comm));
	bpf_map_update_elem(&hash, &key, &zero, BPF_NOEXIST);
	v = bpf_map_lookup_elem(&hash, &key);
	if (v)
		__sync_fetch_and_add(&v->count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
