// What libbpf takes from the machine that writes a loader, and what a loader cannot do.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig __weak;
extern unsigned int CONFIG_HZ __kconfig;
extern char CONFIG_DEFAULT_HOSTNAME[32] __kconfig __weak;
extern enum libbpf_tristate CONFIG_BPFSKEL_TRISTATE __kconfig __weak;
extern char CONFIG_BPFSKEL_CHAR __kconfig __weak;

extern const void bpf_link_fops __ksym;
extern const void socket_file_ops __ksym __weak;
extern const void bpfskel_no_such_symbol __ksym __weak;
// Differs from bpf_link_fops in the first letter.
extern const void cpf_link_fops __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpfskel_no_such_kfunc(void) __ksym __weak;

__u64 address, second, count;
const volatile int target = 7;
char name[32] = "initial";
char big[70000] SEC(".data.big") = {1};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 5000);
} ring SEC(".maps");

struct inner {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1000);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, int);
	__array(values, struct inner);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, int);
	__type(value, long);
} shared SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 100);
	__ulong(map_extra, 0x1ull << 44);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, long);
} element SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__type(key, int);
	__array(values, typeof(element));
} slots SEC(".maps") = {.values = {[1] = (void *)&element}};

int first(void *ctx);
int second_program(void *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, sizeof(int));
	__array(values, int(void *));
} jumps SEC(".maps") = {.values = {[0] = (void *)&first, [3] = (void *)&second_program}};

SEC("?raw_tp/sys_enter")
int off(void *ctx)
{
	count += target;
	return 0;
}

SEC("raw_tp/sys_enter")
int first(void *ctx)
{
	address = (__u64)&bpf_link_fops;
	second = (__u64)&socket_file_ops + (__u64)&bpfskel_no_such_symbol + (__u64)&cpf_link_fops;
	count = LINUX_KERNEL_VERSION + CONFIG_HZ + LINUX_HAS_BPF_COOKIE + CONFIG_BPFSKEL_TRISTATE + CONFIG_BPFSKEL_CHAR +
		CONFIG_DEFAULT_HOSTNAME[0];
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &count, sizeof(count));
	return (long)&heap & 0;
}

SEC("raw_tp/sys_enter")
int second_program(void *ctx)
{
	address = (__u64)&bpf_link_fops;
	bpf_tail_call(ctx, &jumps, 0);
	return big[0];
}

SEC("tp_btf/sys_enter")
int BPF_PROG(typed)
{
	bpf_rcu_read_lock();
	if (bpfskel_no_such_kfunc)
		bpfskel_no_such_kfunc();
	bpf_rcu_read_unlock();
	return name[0];
}

SEC("?freplace/other")
int replaces(void *ctx)
{
	return 0;
}

SEC("?fentry")
int BPF_PROG(no_target)
{
	return 0;
}

SEC("?bpfskel_unknown")
int no_type(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
