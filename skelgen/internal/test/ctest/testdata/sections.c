/* Data sections with names of their own. */
#include "sections.skel.h"
#include "check.h"

int main(void)
{
	struct sections_bpf *s = sections_bpf__open();
	unsigned long hits;

	CHECK(s);
	CHECK(s->data_tuning->tuned == 2 && s->data_tuning->tuned_too == 3);
	CHECK(s->data_odd_name->odd == 4 && s->data_a_b_c->shared == 5);
	CHECK(strcmp(s->rodata_limits->label, "seven") == 0);
	s->rodata_limits->limit = 100;
	CHECK(sections_bpf__load(s) == 0);
	CHECK(sections_bpf__attach(s) == 0);
	work();
	hits = s->bss_hot->hits;
	CHECK(hits >= 100 && s->bss_hot->misses[1] == 0 && s->bss_cold->cold == 's');
	s->data_tuning->tuned = 200;
	work();
	CHECK(s->bss_hot->misses[1] == 200 + 3 + 4 + 5 + 1);
	sections_bpf__destroy(s);
	return 0;
}
