// Rings that say what their records are, and variables that bring in types.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct note {
	__u32 x;
};

struct event {
	__u32 pid;
	char comm[16];
};

struct more {
	__u64 y;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct note);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
	__type(key, struct note);
	__type(value, struct note);
} user_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__type(key, int);
	__type(value, struct event);
} perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
} perf_without_sizes SEC(".maps");

const struct more *unused_more __attribute__((unused));
__u64 sent;
const volatile struct more *const __unused __attribute__((unused));

SEC("raw_tp/sys_enter")
int emit(void *ctx)
{
	struct note *n = bpf_ringbuf_reserve(&ring, sizeof(*n), 0);

	if (!n)
		return 0;
	n->x = 7;
	bpf_ringbuf_submit(n, 0);
	sent++;
	return 0;
}
