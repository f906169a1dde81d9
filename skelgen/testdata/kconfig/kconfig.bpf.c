// The kernel's configuration: integers, a string, tristates, and what may be missing.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool LINUX_HAS_BPF_COOKIE __kconfig __weak;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern unsigned int CONFIG_HZ __kconfig;
extern unsigned long CONFIG_NR_CPUS __kconfig __weak;
extern char CONFIG_DEFAULT_HOSTNAME[32] __kconfig __weak;
extern enum libbpf_tristate CONFIG_IPV6 __kconfig __weak;
extern enum libbpf_tristate CONFIG_BPFSKEL_TRISTATE __kconfig __weak;
extern char CONFIG_BPFSKEL_CHAR __kconfig __weak;
extern int CONFIG_BPFSKEL_INT __kconfig __weak;
extern const char CONFIG_BPFSKEL_STRING[8] __kconfig __weak;

int version;
unsigned int hz;
unsigned long cpus;
char hostname[32];
int missing;

SEC("raw_tp/sys_enter")
int report(void *ctx)
{
	version = LINUX_KERNEL_VERSION;
	hz = CONFIG_BPF_SYSCALL ? CONFIG_HZ : 0;
	cpus = CONFIG_NR_CPUS;
	for (int i = 0; i < sizeof(hostname); i++)
		hostname[i] = CONFIG_DEFAULT_HOSTNAME[i];
	missing = CONFIG_BPFSKEL_INT + CONFIG_BPFSKEL_CHAR + CONFIG_BPFSKEL_STRING[0] +
		  CONFIG_BPFSKEL_TRISTATE + CONFIG_IPV6 * 0 + LINUX_HAS_BPF_COOKIE * 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
