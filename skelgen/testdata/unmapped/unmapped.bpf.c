// Sections that user space cannot map: all of their variables are static.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static volatile int counter = 1;
static volatile const int limit = 2;
static volatile __u64 total;
static volatile int tuned SEC(".data.tuning") = 3;
int global SEC(".data.seen") = 4;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	counter += limit + tuned + global;
	total++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
