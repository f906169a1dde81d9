// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/types.h>
#include "calls.h"
#include "calls.skel.h"

static int show(void *ctx, void *data, size_t size)
{
	const struct event *e = data;

	printf("call %u: error %d\n", e->number, e->error);
	return 0;
}

static int watch(struct calls_bpf *s)
{
	const int args[] = { 0, 0, -1, 0, -1, 0, 0 };
	struct ring_buffer *rb;
	__u32 error, *prev = NULL;
	__u64 count;
	int err;

	rb = ring_buffer__new(bpf_map__fd(s->maps.events), show, NULL, NULL);
	if (!rb)
		return -1;
	err = calls_bpf__attach(s);
	if (err)
		goto out;
	for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		getpgid(args[i]);
	calls_bpf__detach(s);
	err = ring_buffer__consume(rb);
	if (err < 0)
		goto out;
	err = 0;
	printf("%llu calls, %llu failures\n", s->bss->calls, s->bss->failures);
	for (; !bpf_map__get_next_key(s->maps.results, prev, &error, sizeof(error)); prev = &error) {
		err = bpf_map__lookup_elem(s->maps.results, &error, sizeof(error), &count, sizeof(count), 0);
		if (err)
			goto out;
		printf("error %u: %llu times\n", error, count);
	}
out:
	ring_buffer__free(rb);
	return err;
}

int main(void)
{
	struct calls_bpf *s = calls_bpf__open();
	int err;

	if (!s)
		return 1;
	s->rodata->only_pid = getpid();
	s->rodata->only_call = SYS_getpgid;
	err = calls_bpf__load(s);
	if (!err)
		err = watch(s);
	calls_bpf__destroy(s);
	if (err)
		fprintf(stderr, "calls: error %d\n", err);
	return err != 0;
}
