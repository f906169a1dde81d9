/* Every function of a skeleton, and data before and after load. */
#include "scalars.h"
#include "scalars.skel.h"
#include "check.h"

int main(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	struct scalars_bpf *s;
	unsigned long before;
	size_t size;
	void *bss;

	CHECK(memcmp(scalars_bpf__elf_bytes(&size), "\177ELF", 4) == 0);
	CHECK(size > 1000);

	s = scalars_bpf__open_opts(&opts);
	CHECK(s);
	CHECK(s->data->s16 == -16 && s->data->u64 == 64 && s->data->letter == 'x');
	CHECK(s->data->ratio == 0.5f && s->data->share == 0.25);
	CHECK(s->bss->level == LEVEL_WARN && s->data->big == BIG_LARGE);
	CHECK(s->rodata->filter == 7 && s->rodata->lowest == LEVEL_ERROR);
	s->rodata->filter = -1;
	CHECK(scalars_bpf__load(s) == 0);
	CHECK(scalars_bpf__attach(s) == 0);
	work();
	CHECK(s->bss->hits == 0); /* the filter held */
	scalars_bpf__destroy(s);

	s = scalars_bpf__open();
	CHECK(s);
	bss = s->bss;
	s->bss->level = LEVEL_INFO;
	CHECK(scalars_bpf__load(s) == 0);
	CHECK(s->bss == bss);
	CHECK(scalars_bpf__attach(s) == 0);
	work();
	CHECK(s->bss->hits >= 100 && s->bss->seen && s->bss->worst == LEVEL_INFO);
	s->data->enabled = false;
	work();
	before = s->bss->hits;
	work();
	CHECK(s->bss->hits == before);
	s->data->enabled = true;
	scalars_bpf__detach(s);
	work();
	before = s->bss->hits;
	work();
	CHECK(s->bss->hits == before);
	scalars_bpf__destroy(s);

	s = scalars_bpf__open_and_load();
	CHECK(s);
	CHECK(bpf_program__fd(s->progs.count) >= 0);
	CHECK(bpf_map__fd(s->maps.bss) >= 0);
	CHECK(!s->links.count);
	scalars_bpf__destroy(s);
	scalars_bpf__destroy(NULL);
	return 0;
}
