// A light header: set before load, read and written after it, attached and closed.
#include <assert.h>
#include <errno.h>
#include <sys/syscall.h>
#include "sections.lskel.h"

int main(void)
{
	struct sections_bpf *s = sections_bpf__open();

	assert(s && s->data->plain == 1 && s->rodata_limits->limit == 6);
	s->data->plain = 100;
	s->rodata_limits->limit = 3;
	assert(!sections_bpf__load(s));
	assert(s->data->plain == 100 && s->rodata_limits->limit == 3);
	assert(s->progs.count.prog_fd > 0 && s->maps.bss_hot.map_fd > 0);
	assert(!sections_bpf__attach(s));
	syscall(SYS_getpid);
	assert(s->bss_hot->hits > 0);
	sections_bpf__destroy(s);
	return 0;
}
