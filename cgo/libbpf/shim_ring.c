// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shim_ring.h"

int bpfskel_map_info(int fd, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_map_get_info_by_fd(fd, info, &size);
}

/* A batch ends soon: a call into C of more than 20 us has Go's scheduler give the
 * thread's place to another. A record of the kernel's has at most 64 KiB. */
enum { BATCH_ENOUGH = 1 << 14, BATCH_ROOM = BATCH_ENOUGH + (1 << 16) + 64 };

struct perf_raw {
	struct perf_event_header header;
	uint32_t size;
	uint8_t data[];
};

struct perf_lost {
	struct perf_event_header header;
	uint64_t id;
	uint64_t count;
};

static void perf_put(struct bpfskel_perf *p, int cpu, uint32_t size, const void *data, uint32_t len)
{
	struct bpfskel_perf_head head = { .size = size, .cpu = cpu };

	memcpy(p->batch + p->len, &head, sizeof(head));
	memcpy(p->batch + p->len + sizeof(head), data, len);
	p->len += sizeof(head) + ((len + 7) & ~7u);
}

static enum bpf_perf_event_ret perf_record(void *ctx, int cpu, struct perf_event_header *e)
{
	struct bpfskel_perf *p = ctx;
	struct perf_lost *lost = (void *)e;
	struct perf_raw *raw = (void *)e;

	if (e->type == PERF_RECORD_SAMPLE && raw->size <= e->size)
		perf_put(p, cpu, raw->size, raw->data, raw->size);
	else if (e->type == PERF_RECORD_LOST)
		perf_put(p, cpu, BPFSKEL_PERF_LOST, &lost->count, sizeof(lost->count));
	p->more = p->len >= BATCH_ENOUGH;
	return p->more ? LIBBPF_PERF_EVENT_DONE : LIBBPF_PERF_EVENT_CONT;
}

static struct perf_buffer *perf_open(struct bpfskel_perf *p, int map_fd, int *cpus, int count,
				     int *err, struct bpfskel_log *log)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_BPF_OUTPUT,
		.sample_type = PERF_SAMPLE_RAW,
		.sample_period = p->period,
		.wakeup_events = p->period,
	};
	LIBBPF_OPTS(perf_buffer_raw_opts, opts, .cpu_cnt = count, .cpus = cpus, .map_keys = cpus);
	struct perf_buffer *pb;

	bpfskel_call_begin(log);
	pb = perf_buffer__new_raw(map_fd, p->pages, &attr, perf_record, p, &opts);
	*err = pb ? 0 : errno ? -errno : -EINVAL;
	bpfskel_call_end(log);
	return pb;
}

/* Lets a ring that is alone in its buffer go. The map has a newer one in its place,
 * which perf_buffer__free would take out: so it gets a descriptor of no map. */
static void perf_retire(struct bpfskel_perf_ring *ring)
{
	if (ring->map_fd >= 0) {
		int none = open("/", O_PATH | O_CLOEXEC);

		if (none >= 0 && dup3(none, ring->map_fd, O_CLOEXEC) >= 0)
			perf_buffer__free(ring->pb);
		close(none);
		close(ring->map_fd);
	}
	free(ring);
}

/* Puts the ring of a CPU where it belongs: behind its older ones, or as another. */
static int perf_put_ring(struct bpfskel_perf *p, struct perf_buffer *pb, int index, int cpu, int map_fd)
{
	struct bpfskel_perf_ring *ring = calloc(1, sizeof(*ring)), **at, **more;
	int i;

	if (!ring)
		return -ENOMEM;
	*ring = (struct bpfskel_perf_ring){ .pb = pb, .index = index, .cpu = cpu, .map_fd = map_fd };
	for (i = 0; i < p->count; i++) {
		if (p->rings[i]->cpu != cpu)
			continue;
		for (at = &p->rings[i]; *at; at = &(*at)->newer)
			;
		*at = ring;
		return 0;
	}
	more = realloc(p->rings, (p->count + 1) * sizeof(*more));
	if (!more) {
		free(ring);
		return -ENOMEM;
	}
	p->rings = more;
	p->rings[p->count++] = ring;
	return 0;
}

int bpfskel_perf_new(int map_fd, size_t pages, uint32_t period, const int *cpus, int count,
		     struct bpfskel_perf **out, struct bpfskel_log *log)
{
	struct bpfskel_perf *p;
	size_t bytes;
	int err = -ENOMEM, i;

	memset(log, 0, sizeof(*log));
	/* libbpf lets it overflow, to rings of no size. */
	if (__builtin_mul_overflow(pages, (size_t)getpagesize(), &bytes))
		return -E2BIG;
	p = calloc(1, sizeof(*p));
	if (!p)
		return err;
	p->pages = pages;
	p->period = period;
	p->map_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	if (p->map_fd < 0) {
		err = -errno;
		goto fail;
	}
	p->batch = malloc(BATCH_ROOM);
	if (!p->batch)
		goto fail;
	p->pb = perf_open(p, p->map_fd, (int *)cpus, count, &err, log);
	for (i = 0; !err && i < count; i++)
		err = perf_put_ring(p, p->pb, i, cpus[i], -1);
	if (err)
		goto fail;
	*out = p;
	return 0;
fail:
	bpfskel_perf_free(p);
	return err;
}

int bpfskel_perf_add(struct bpfskel_perf *p, int cpu, int *fd, struct bpfskel_log *log)
{
	struct perf_buffer *pb;
	int map_fd, err;

	memset(log, 0, sizeof(*log));
	map_fd = fcntl(p->map_fd, F_DUPFD_CLOEXEC, 3);
	if (map_fd < 0)
		return -errno;
	pb = perf_open(p, map_fd, &cpu, 1, &err, log);
	if (!err) {
		*fd = perf_buffer__buffer_fd(pb, 0);
		err = perf_put_ring(p, pb, 0, cpu, map_fd);
		if (err)
			perf_buffer__free(pb);
	}
	if (err)
		close(map_fd);
	return err;
}

int bpfskel_perf_fd(const struct bpfskel_perf *p, int ring)
{
	return perf_buffer__buffer_fd(p->rings[ring]->pb, p->rings[ring]->index);
}

int bpfskel_perf_cpu(const struct bpfskel_perf *p, int ring) { return p->rings[ring]->cpu; }

/* Reads a CPU's rings, the older ones first, until the batch is full. */
static int perf_consume(struct bpfskel_perf *p, struct bpfskel_perf_ring **at)
{
	for (;;) {
		struct bpfskel_perf_ring *ring = *at;
		int err = perf_buffer__consume_buffer(ring->pb, ring->index);

		if (err || p->more || !ring->newer)
			return err;
		*at = ring->newer;
		perf_retire(ring);
	}
}

int bpfskel_perf_fill(struct bpfskel_perf *p, int first, int count)
{
	int err = 0, i = 0;

	p->len = 0;
	p->more = false;
	bpfskel_capture_begin(&p->log);
	while (i < count && !p->len && !err)
		err = perf_consume(p, &p->rings[(first + i++) % p->count]);
	bpfskel_capture_end(&p->log);
	if (err)
		return err;
	bpfskel_text_free(&p->log.records);
	return i;
}

void bpfskel_perf_free(struct bpfskel_perf *p)
{
	int i;

	for (i = 0; i < p->count; i++) {
		struct bpfskel_perf_ring *ring = p->rings[i], *newer;

		for (; ring; ring = newer) {
			newer = ring->newer;
			if (ring->map_fd >= 0) {
				perf_buffer__free(ring->pb);
				close(ring->map_fd);
			}
			free(ring);
		}
	}
	free(p->rings);
	if (p->pb)
		perf_buffer__free(p->pb);
	if (p->map_fd >= 0)
		close(p->map_fd);
	free(p->batch);
	free(p);
}

int bpfskel_user_ring_new(int map_fd, struct user_ring_buffer **out, struct bpfskel_log *log)
{
	LIBBPF_OPTS(user_ring_buffer_opts, opts);
	int err = 0;

	bpfskel_call_begin(log);
	*out = user_ring_buffer__new(map_fd, &opts);
	if (!*out)
		err = errno ? -errno : -EINVAL;
	bpfskel_call_end(log);
	return err;
}

int bpfskel_user_ring_write(struct user_ring_buffer *rb, const uint8_t *data, uint32_t size)
{
	void *to = user_ring_buffer__reserve(rb, size);

	if (!to)
		return errno ? -errno : -EINVAL;
	memcpy(to, data, size);
	user_ring_buffer__submit(rb, to);
	return 0;
}
