// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// One of everything that a skeleton's life cycle and sections are tested with.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct config {
	__u32 level;
	char name[16];
};

/* .rodata */
const volatile int my_pid = 0;
const volatile struct config config = {3, "built in"};
const volatile __u64 table[4] = {10, 20, 30, 40};

/* .data */
__u64 step = 2;
struct config current = {1, "data"};

/* .bss */
__u64 hits;
__u64 last_step;
__u32 seen_level;
__u64 seen_table;
__u16 small;
__u64 hz;

/* in custom sections */
int extra SEC(".data.extra") = 7;
const volatile int more SEC(".rodata.more") = 11;
__u64 big[8192] SEC(".bss.big"); /* 64 kB */
const volatile __u64 wide[8192] SEC(".rodata.wide") = {1, 2, 3};

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig __weak;

/* static: libbpf drops the memory of this section at load */
static volatile const int hidden SEC(".rodata.hidden") = 5;

struct key {
	__u32 id;
	char tag[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key);
	__type(value, __u64);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct config);
} slots SEC(".maps");

static __always_inline void count(void)
{
	struct key key = {.id = extra};
	__u64 one = 1, *n;

	__sync_fetch_and_add(&hits, step);
	last_step = step;
	seen_level = config.level;
	seen_table = table[2] + more + wide[8191];
	hz = CONFIG_HZ;
	small++;
	current.level++;
	big[8191]++;
	n = bpf_map_lookup_elem(&counts, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
}

SEC("raw_tp/sys_enter")
int handle_raw(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == my_pid)
		count();
	return 0;
}

SEC("raw_tp/sys_exit")
int handle_exit(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == my_pid)
		__sync_fetch_and_add(&hits, 1);
	return 0;
}

/* Run by BPF_PROG_TEST_RUN. */
SEC("syscall")
int run(void *ctx)
{
	count();
	return hidden + (LINUX_KERNEL_VERSION ? 1 : 0);
}

/* Nothing says what to attach it to, so Attach passes it over. */
SEC("uprobe")
int nowhere(void *ctx)
{
	return 0;
}

SEC("?raw_tp/sys_enter")
int not_loaded(void *ctx)
{
	return 0;
}
