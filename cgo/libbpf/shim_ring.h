/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Perf buffers, user ring buffers, and the kernel's word on maps. */
#ifndef BPFSKEL_SHIM_RING_H
#define BPFSKEL_SHIM_RING_H

#include "shim.h"

int bpfskel_map_info(int fd, struct bpf_map_info *info);

/* One CPU's ring. A CPU that goes down and comes up again gets a new one, which is
 * read when the old one is empty: it cannot get more records. */
struct bpfskel_perf_ring {
	struct perf_buffer *pb;
	int index; /* in pb */
	int cpu;
	int map_fd; /* of pb, which has no other ring; -1 where it is that of all */
	struct bpfskel_perf_ring *newer;
};

/* The rings of all CPUs, and one batch of records copied out of them: for a call
 * into C for each record, or back into Go, would cost more than the copy. */
struct bpfskel_perf {
	struct perf_buffer *pb; /* of the CPUs that were up at first */
	struct bpfskel_perf_ring **rings;
	int count;
	int map_fd; /* its own: perf_buffer__free uses it */
	size_t pages;
	uint32_t period;
	bool more; /* the ring that was read last may have more */
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

int bpfskel_perf_new(int map_fd, size_t pages, uint32_t period, const int *cpus, int count,
		     struct bpfskel_perf **out, struct bpfskel_log *log);
/* Makes the ring of a CPU that came up. */
int bpfskel_perf_add(struct bpfskel_perf *p, int cpu, int *fd, struct bpfskel_log *log);
int bpfskel_perf_fd(const struct bpfskel_perf *p, int ring);
int bpfskel_perf_cpu(const struct bpfskel_perf *p, int ring);
/* Reads CPUs' rings, count of them from first on, until one has records: returns
 * how many it has looked at. An error leaves its log in p. */
int bpfskel_perf_fill(struct bpfskel_perf *p, int first, int count);
void bpfskel_perf_free(struct bpfskel_perf *p);

int bpfskel_user_ring_new(int map_fd, struct user_ring_buffer **out, struct bpfskel_log *log);
int bpfskel_user_ring_write(struct user_ring_buffer *rb, const uint8_t *data, uint32_t size);

#endif
