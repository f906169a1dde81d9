/* A struct_ops map: changed through its shadow before load, then registered. */
#include "structops.skel.h"
#include "check.h"

static int registered(void)
{
	char list[4096];
	FILE *f = fopen("/proc/sys/net/ipv4/tcp_available_congestion_control", "r");
	int found;

	CHECK(f);
	found = fgets(list, sizeof(list), f) && strstr(list, "bpfskel_two");
	fclose(f);
	return found;
}

int main(void)
{
	struct structops_bpf *s = structops_bpf__open();
	struct bpf_link *link = NULL;

	CHECK(s);
	CHECK(sizeof(*s->struct_ops.two) == 6 * 8 + 8);
#if LIBBPF_AT_LEAST(4) /* older ones have no shadows */
	CHECK(s->struct_ops.two->init == s->progs.two_init);
	s->struct_ops.two->init = NULL;
	s->struct_ops.two->flags = 2; /* TCP_CONG_NEEDS_ECN */
	bpf_program__set_autoload(s->progs.two_init, false);
#endif
	s->data->window = 3;
	CHECK(structops_bpf__load(s) == 0);
	CHECK(!registered());
	CHECK(structops_bpf__attach(s) == 0);
#if LIBBPF_AT_LEAST(5)
	CHECK(s->links.two);
#else
	CHECK(!s->links.two);
	link = bpf_map__attach_struct_ops(s->maps.two);
	CHECK(link);
#endif
	CHECK(registered());
	bpf_link__destroy(link);
	structops_bpf__detach(s);
	CHECK(!s->links.two);
	CHECK(!registered());
	structops_bpf__destroy(s);
	return 0;
}
