// Static variables between global ones: they leave a gap.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int first = 1;
static volatile int hidden = 2;
static volatile char hidden_too = 3;
int second = 4;

static __noinline int next(void)
{
	static volatile int calls;
	static volatile int start = 5;

	return ++calls + start;
}

int total;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	static volatile __u64 runs;

	runs++;
	total = first + hidden + hidden_too + second + next();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
