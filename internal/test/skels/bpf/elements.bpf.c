// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// Maps of maps, whose elements need more than their sizes.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct locked {
	struct bpf_spin_lock lock;
	__u32 n;
};

struct timed {
	struct bpf_timer timer;
	__u64 n;
};

struct plain {
	__u64 n;
};

/* The compiler leaves out a type that only the definition of an element names. */
struct timed *unused_timed;
struct plain *unused_plain;

#define ELEMENT(name, kind, entries, V, flags)     \
	struct name {                              \
		__uint(type, BPF_MAP_TYPE_##kind); \
		__uint(max_entries, entries);      \
		__uint(map_flags, flags);          \
		__type(key, __u32);                \
		__type(value, V);                  \
	}

#define OUTER(name, elem)                                  \
	struct {                                           \
		__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);   \
		__uint(max_entries, 4);                    \
		__type(key, __u32);                        \
		__array(values, struct elem);              \
	} name SEC(".maps")

ELEMENT(locks_element, HASH, 8, struct locked, 0);
ELEMENT(timers_element, HASH, 8, struct timed, 0);
ELEMENT(plains_element, HASH, 8, struct plain, BPF_F_NUMA_NODE | BPF_F_NO_PREALLOC);
ELEMENT(fixed_element, ARRAY, 8, struct plain, 0);
ELEMENT(sized_element, ARRAY, 8, struct plain, BPF_F_INNER_MAP);

OUTER(locks, locks_element);
OUTER(timers, timers_element);
OUTER(plains, plains_element);
OUTER(fixed, fixed_element);
OUTER(sized, sized_element);

struct blooms_element {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
	__type(value, __u64);
};
OUTER(blooms, blooms_element);

struct rings_element {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};
OUTER(rings, rings_element);

struct events_element {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
};
OUTER(events, events_element);

/* Its contents are unknown. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} late SEC(".maps");

/* Its elements are like the elements of locks. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct locked);
} lock SEC(".maps");
