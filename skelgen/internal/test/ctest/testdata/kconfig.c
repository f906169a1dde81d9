/* The kernel's configuration, which libbpf reads while it loads. */
#include "kconfig.skel.h"
#include "check.h"

int main(void)
{
	struct kconfig_bpf *s = kconfig_bpf__open_and_load();

	CHECK(s);
	CHECK(s->kconfig->LINUX_KERNEL_VERSION > 0x050500);
	CHECK(s->kconfig->CONFIG_BPF_SYSCALL);
	CHECK(s->kconfig->CONFIG_HZ > 0);
	CHECK(s->kconfig->CONFIG_BPFSKEL_INT == 0 && s->kconfig->CONFIG_BPFSKEL_TRISTATE == TRI_NO);
	CHECK(kconfig_bpf__attach(s) == 0);
	work();
	CHECK(s->bss->version == s->kconfig->LINUX_KERNEL_VERSION);
	CHECK(s->bss->hz == s->kconfig->CONFIG_HZ);
	CHECK(strcmp(s->bss->hostname, s->kconfig->CONFIG_DEFAULT_HOSTNAME) == 0);
	kconfig_bpf__destroy(s);
	return 0;
}
