// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "cside.h"
#include "../core/core.skel.h"
#include "../small/small.skel.h"
#include "../hundred/hundred.skel.h"

uint64_t cside_sum;
static uint64_t seen;

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int record(void *ctx, void *data, size_t size)
{
	cside_sum += *(uint64_t *)data;
	seen++;
	return 0;
}

struct ring_buffer *cside_ring(int fd)
{
	return ring_buffer__new(fd, record, NULL, NULL);
}

int64_t cside_drain(struct ring_buffer *rb, uint64_t records)
{
	int64_t start = now();
	int got = ring_buffer__consume(rb);

	return got == (int)records ? now() - start : -EBADMSG;
}

int64_t cside_poll(struct ring_buffer *rb, uint64_t records)
{
	int64_t start = now();
	int err;

	for (seen = 0; seen < records;) {
		err = ring_buffer__poll(rb, -1);
		if (err < 0 && err != -EINTR)
			return err;
	}
	return now() - start;
}

void cside_ring_free(struct ring_buffer *rb)
{
	ring_buffer__free(rb);
}

static void sample(void *ctx, int cpu, void *data, __u32 size)
{
	record(ctx, data, size);
}

struct perf_buffer *cside_perf(int fd, int pages)
{
	return perf_buffer__new(fd, pages, sample, NULL, NULL, NULL);
}

int64_t cside_drain_perf(struct perf_buffer *pb, uint64_t records)
{
	int64_t start = now();

	seen = 0;
	perf_buffer__consume(pb);
	return seen == records ? now() - start : -EBADMSG;
}

void cside_perf_free(struct perf_buffer *pb)
{
	perf_buffer__free(pb);
}

struct producer {
	pthread_t thread;
	int prog_fd;
	uint64_t count;
};

int cside_fill(int prog_fd, uint32_t count, uint32_t size, uint64_t flags)
{
	struct { uint32_t count, size; uint64_t flags; } request = { count, size, flags };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &request, .ctx_size_in = sizeof(request));

	if (bpf_prog_test_run_opts(prog_fd, &opts))
		return -errno;
	return opts.retval;
}

static void *produce(void *arg)
{
	struct producer *p = arg;
	int sent;

	while (p->count) {
		sent = cside_fill(p->prog_fd, 1, 32, 0);
		if (sent < 0)
			break;
		p->count -= sent; /* 0 if the ring is full */
	}
	return NULL;
}

int cside_produce(int prog_fd, uint64_t count, void **thread)
{
	struct producer *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->prog_fd = prog_fd;
	p->count = count;
	*thread = p;
	return -pthread_create(&p->thread, NULL, produce, p);
}

void cside_join(void *thread)
{
	struct producer *p = thread;

	pthread_join(p->thread, NULL);
	free(p);
}

#define MEASURE(call)				\
	int64_t start = now();			\
						\
	for (; n; n--) {			\
		if (call)			\
			return -errno;		\
	}					\
	return now() - start

int64_t cside_lookup(int fd, const uint8_t *key, uint64_t *value, uint64_t n)
{
	MEASURE(bpf_map_lookup_elem(fd, key, value));
}

int64_t cside_update(int fd, const uint8_t *key, uint64_t *value, uint64_t n)
{
	MEASURE(bpf_map_update_elem(fd, key, value, 0));
}

int64_t cside_lookup_batch(int fd, uint64_t *keys, uint64_t *values, uint32_t count, uint64_t n)
{
	int64_t start = now();

	for (; n; n--) {
		uint64_t next;
		uint32_t got = count;

		if (bpf_map_lookup_batch(fd, NULL, &next, keys, values, &got, NULL) && errno != ENOENT)
			return -errno;
	}
	return now() - start;
}

int64_t cside_global_read(uint64_t *p, uint64_t n)
{
	volatile uint64_t *v = p;
	int64_t start = now();
	uint64_t sum = 0;

	for (; n; n--)
		sum += *v;
	cside_sum += sum;
	return now() - start;
}

int64_t cside_global_write(uint64_t *p, uint64_t n)
{
	volatile uint64_t *v = p;
	int64_t start = now();

	for (; n; n--)
		*v = n;
	return now() - start;
}

int64_t cside_global_add(uint64_t *p, uint64_t n)
{
	int64_t start = now();

	for (; n; n--)
		__atomic_fetch_add(p, 1, __ATOMIC_SEQ_CST);
	return now() - start;
}

#define LIFE(name)						\
int64_t cside_##name(uint64_t n)				\
{								\
	int64_t start = now();					\
								\
	for (; n; n--) {					\
		struct name##_bpf *s = name##_bpf__open_and_load();	\
								\
		if (!s)						\
			return -errno;				\
		if (name##_bpf__attach(s)) {			\
			name##_bpf__destroy(s);			\
			return -EINVAL;				\
		}						\
		name##_bpf__destroy(s);				\
	}							\
	return now() - start;					\
}

LIFE(small)
LIFE(hundred)

#define LOAD(name)						\
int64_t cside_load_##name(uint64_t n)				\
{								\
	int64_t total = 0;					\
								\
	for (; n; n--) {					\
		int64_t start = now();				\
		struct name##_bpf *s = name##_bpf__open_and_load();	\
								\
		if (!s)						\
			return -errno;				\
		total += now() - start;				\
		name##_bpf__destroy(s);				\
	}							\
	return total;						\
}

LOAD(small)
LOAD(core)
LOAD(hundred)
