/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Perf buffers, user ring buffers, and the kernel's word on maps. */
#ifndef BPFSKEL_SHIM_RING_H
#define BPFSKEL_SHIM_RING_H

#include "shim.h"

int bpfskel_map_info(int fd, struct bpf_map_info *info);

/* A perf buffer, and one batch of records copied out of it: for a call into C
 * for each record, or back into Go, would cost more than the copy. */
struct bpfskel_perf {
	struct perf_buffer *pb;
	int map_fd; /* its own: perf_buffer__free uses it */
	bool more;  /* the ring that was read last may have more */
	uint8_t *batch;
	size_t len;
	struct bpfskel_log log;
};

/* Before each record in a batch. Both are a multiple of 8 bytes apart. */
struct bpfskel_perf_head {
	uint32_t size; /* of the data that follow, BPFSKEL_PERF_LOST for a u64 count */
	uint32_t cpu;
};

#define BPFSKEL_PERF_LOST UINT32_MAX

int bpfskel_perf_new(int map_fd, size_t pages, uint32_t period, struct bpfskel_perf **out,
		     struct bpfskel_log *log);
/* Reads CPUs' rings, count of them from first on, until one has records: returns
 * how many it has looked at. An error leaves its log in p. */
int bpfskel_perf_fill(struct bpfskel_perf *p, int first, int count);
void bpfskel_perf_free(struct bpfskel_perf *p);

int bpfskel_user_ring_new(int map_fd, struct user_ring_buffer **out, struct bpfskel_log *log);
int bpfskel_user_ring_write(struct user_ring_buffer *rb, const uint8_t *data, uint32_t size);

#endif
