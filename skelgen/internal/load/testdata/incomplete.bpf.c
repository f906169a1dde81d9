// libbpf needs the size of a key that only the definition of an inner map names: the
// compiler leaves the members of its type out.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef struct flow_key {
	__u32 ip;
} flow_key_t;

struct flows {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, flow_key_t);
	__type(value, __u64);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct flows);
} per_cpu SEC(".maps");

#ifdef REMEDY
struct flow_key *unused_flow_key;
#endif
