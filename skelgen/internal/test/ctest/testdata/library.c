/* A subskeleton, opened on the object of a skeleton. */
#include "library.h"
#include "library.skel.h"
#include "lib.subskel.h"
#include "check.h"

int main(void)
{
	struct library_bpf *s = library_bpf__open();
	struct lib *sub;

	CHECK(s);
	sub = lib__open(s->obj);
	CHECK(sub);
	CHECK(sub->maps.lib_counts == s->maps.lib_counts);
	CHECK(sub->progs.lib_probe == s->progs.lib_probe);
	CHECK(sub->data.lib_level == &s->data->lib_level);
	CHECK((*sub->data.lib_table)[3] == 4);
	*sub->data.lib_level = 7;
	CHECK(library_bpf__load(s) == 0);
	lib__destroy(sub);
	sub = lib__open(s->obj);
	CHECK(sub);
	CHECK(*sub->data.lib_level == 7);
	CHECK(*sub->kconfig.LINUX_KERNEL_VERSION > 0);
	CHECK(library_bpf__attach(s) == 0);
	work();
	CHECK(*sub->bss.lib_hits >= 300);
	lib__destroy(sub);
	library_bpf__destroy(s);
	return 0;
}
