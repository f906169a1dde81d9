/* A program that knows none of the object's types. */
#define SKEL_OPAQUE_DATA
#include "structops.skel.h"
#include "scalars.skel.h"
#include "check.h"

int main(void)
{
	struct scalars_bpf *s = scalars_bpf__open_and_load();
	struct structops_bpf *o;
	void *data;

	CHECK(s);
	data = s->data;
	CHECK(data && s->bss && s->rodata);
	CHECK(((char *)data)[1] == 'x');
	scalars_bpf__destroy(s);

	o = structops_bpf__open();
	CHECK(o);
	data = o->struct_ops.two;
	CHECK(data);
	structops_bpf__destroy(o);
	return 0;
}
