/* An arena's variables, before load and after. */
#include <bpf/bpf.h>
#include "arena.h"
#include "arena.skel.h"
#include "check.h"

int main(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct arena_bpf *s = arena_bpf__open();

	CHECK(s);
	CHECK(s->arena && s->arena->hits == 5 && s->arena->table[3] == 4);
	CHECK(strcmp(s->arena->name, "arena") == 0);
	s->arena->hits = 100;
	s->arena->table[2] = 11;
	CHECK(arena_bpf__load(s) == 0);
	CHECK(s->arena->hits == 100);
	CHECK(arena_bpf__attach(s) == 0);
	CHECK(bpf_prog_test_run_opts(bpf_program__fd(s->progs.run), &run) == 0);
	CHECK(run.retval == 0);
	CHECK(s->arena->hits == 111 && s->arena->first.value == 111 && s->bss->plain == 111);
	arena_bpf__detach(s);
	arena_bpf__destroy(s);
	return 0;
}
