/* Maps of many kinds: changed before load, used after. */
#include <sys/prctl.h>
#include <time.h>
#include "maps.h"
#include "maps.skel.h"
#include "check.h"

int main(void)
{
	struct maps_bpf *s = maps_bpf__open();
	struct key key = {0}, none = {0}, *before = NULL;
	struct value value;
	char name[sizeof(key.comm)];

	CHECK(s);
	CHECK(bpf_map__type(s->maps.routes) == BPF_MAP_TYPE_LPM_TRIE);
	CHECK(bpf_map__set_max_entries(s->maps.hash, 4096) == 0);
	CHECK(maps_bpf__load(s) == 0);
	CHECK(bpf_map__max_entries(s->maps.hash) == 4096);
	/* A name that no other process has: in a container, getpid() is another number than the one that BPF reads. */
	snprintf(name, sizeof(name), "maps%x", (unsigned)getpid() << 12 ^ (unsigned)time(NULL));
	CHECK(prctl(PR_SET_NAME, name) == 0);
	CHECK(maps_bpf__attach(s) == 0);
	work();
	CHECK(s->links.count);
	maps_bpf__detach(s);
	CHECK(!s->links.count);
	while (!bpf_map__get_next_key(s->maps.hash, before, &key, sizeof(key)) && strcmp(key.comm, name))
		before = &key;
	CHECK(strcmp(key.comm, name) == 0);
	CHECK(bpf_map__lookup_elem(s->maps.hash, &key, sizeof(key), &value, sizeof(value), 0) == 0);
	CHECK(value.count >= 100);
	CHECK(bpf_map__lookup_elem(s->maps.hash, &none, sizeof(none), &value, sizeof(value), 0) != 0);
	maps_bpf__destroy(s);
	return 0;
}
