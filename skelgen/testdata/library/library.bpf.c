// A library: linked into other objects, and reached through a subskeleton.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "library.h"

extern int LINUX_KERNEL_VERSION __kconfig;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} lib_counts SEC(".maps");

int lib_level = 1;
struct config lib_config = {100, "config"};
int lib_table[4] = {1, 2, 3, 4};
const volatile char lib_name[8] = "lib";
int (*lib_hook)(int);
int (*lib_hooks[2])(int);
char *lib_text;
__u64 lib_hits;
static volatile int lib_private = 3;
int lib_tuned SEC(".data.tuning") = 4;

__weak int lib_count(int by)
{
	lib_hits += by + lib_private;
	return lib_level + lib_tuned + lib_table[1] + lib_name[0] + lib_config.rate;
}

SEC("raw_tp/sys_enter")
int lib_probe(void *ctx)
{
	return lib_count(LINUX_KERNEL_VERSION & 1);
}

char LICENSE[] SEC("license") = "GPL";
