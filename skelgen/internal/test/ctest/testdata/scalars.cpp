// The functions as C++ has them.
#include "scalars.h"
#include "scalars.skel.h"
#include "check.h"

int main()
{
	size_t size;
	CHECK(memcmp(scalars_bpf::elf_bytes(&size), "\177ELF", 4) == 0);

	scalars_bpf *s = scalars_bpf::open();
	CHECK(s);
	s->bss->level = LEVEL_INFO;
	CHECK(scalars_bpf::load(s) == 0);
	CHECK(scalars_bpf::attach(s) == 0);
	work();
	CHECK(s->bss->hits >= 100 && s->bss->seen);
	scalars_bpf::detach(s);
	scalars_bpf::destroy(s);

	s = scalars_bpf::open_and_load();
	CHECK(s);
	scalars_bpf::destroy(s);
	return 0;
}
