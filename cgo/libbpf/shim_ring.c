// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <fcntl.h>
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

/* The end of what is there and the record's head, or NULL, which cannot be: the
 * batch is empty before each ring is read, and no smaller than that. */
static uint8_t *perf_put(struct bpfskel_perf *p, int cpu, uint32_t size, uint32_t room)
{
	struct bpfskel_perf_head head = { .size = size, .cpu = cpu };
	size_t len = p->len + sizeof(head);

	if (room > p->cap || len > p->cap - room)
		return NULL;
	memcpy(p->batch + p->len, &head, sizeof(head));
	p->len = len + ((room + 7) & ~7u);
	return p->batch + len;
}

static void perf_sample(void *ctx, int cpu, void *data, __u32 size)
{
	uint8_t *to = perf_put(ctx, cpu, size, size);

	if (to)
		memcpy(to, data, size);
}

static void perf_lost(void *ctx, int cpu, __u64 count)
{
	uint8_t *to = perf_put(ctx, cpu, BPFSKEL_PERF_LOST, sizeof(count));

	if (to)
		memcpy(to, &count, sizeof(count));
}

int bpfskel_perf_new(int map_fd, size_t pages, uint32_t period, struct bpfskel_perf **out,
		     struct bpfskel_log *log)
{
	LIBBPF_OPTS(perf_buffer_opts, opts, .sample_period = period);
	struct bpfskel_perf *p = calloc(1, sizeof(*p));
	int err = -ENOMEM;

	memset(log, 0, sizeof(*log));
	if (!p)
		return err;
	p->map_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 3);
	if (p->map_fd < 0) {
		err = -errno;
		goto fail;
	}
	if (__builtin_mul_overflow(pages, (size_t)getpagesize(), &p->cap))
		goto fail;
	p->batch = malloc(p->cap);
	if (!p->batch)
		goto fail;
	bpfskel_capture_begin(log);
	p->pb = perf_buffer__new(p->map_fd, pages, perf_sample, perf_lost, p, &opts);
	err = p->pb ? 0 : errno ? -errno : -EINVAL;
	bpfskel_capture_end(log);
	if (err)
		goto fail;
	*out = p;
	return 0;
fail:
	bpfskel_perf_free(p);
	return err;
}

int bpfskel_perf_fill(struct bpfskel_perf *p, int first, int count)
{
	int n = (int)perf_buffer__buffer_cnt(p->pb), err = 0, i = 0;

	p->len = 0;
	bpfskel_capture_begin(&p->log);
	while (i < count && !p->len && !err)
		err = perf_buffer__consume_buffer(p->pb, (size_t)(first + i++) % n);
	bpfskel_capture_end(&p->log);
	if (err)
		return err;
	bpfskel_text_free(&p->log.records);
	return i;
}

void bpfskel_perf_free(struct bpfskel_perf *p)
{
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

	bpfskel_capture_begin(log);
	*out = user_ring_buffer__new(map_fd, &opts);
	if (!*out)
		err = errno ? -errno : -EINVAL;
	bpfskel_capture_end(log);
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
