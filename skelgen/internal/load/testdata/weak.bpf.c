// A library, whose weak variable the program in strong.bpf.c replaces.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int level = -1;
int limit __weak SEC(".data");

int read_limit(void)
{
	return level + limit;
}
