/* SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause */
/* The work of each comparison in C, over libbpf. Functions that are measured repeat
 * it n times by themselves and return nanoseconds, or -errno. */
#ifndef CSIDE_H
#define CSIDE_H

#include <stdint.h>

struct ring_buffer;
struct perf_buffer;

extern uint64_t cside_sum;

struct ring_buffer *cside_ring(int fd);
int64_t cside_drain(struct ring_buffer *rb, uint64_t records);
int64_t cside_poll(struct ring_buffer *rb, uint64_t records);
void cside_ring_free(struct ring_buffer *rb);

struct perf_buffer *cside_perf(int fd, int pages);
int64_t cside_drain_perf(struct perf_buffer *pb, uint64_t records);
void cside_perf_free(struct perf_buffer *pb);

/* Has the program "fill" send records; returns how many. */
int cside_fill(int prog_fd, uint32_t count, uint32_t size, uint64_t flags);

/* Starts a thread that runs "fill" to send count records, one by one. */
int cside_produce(int prog_fd, uint64_t count, void **thread);
void cside_join(void *thread);

int64_t cside_lookup(int fd, const uint8_t *key, uint64_t *value, uint64_t n);
int64_t cside_update(int fd, const uint8_t *key, uint64_t *value, uint64_t n);
int64_t cside_lookup_batch(int fd, uint64_t *keys, uint64_t *values, uint32_t count, uint64_t n);

int64_t cside_global_read(uint64_t *p, uint64_t n);
int64_t cside_global_write(uint64_t *p, uint64_t n);
int64_t cside_global_add(uint64_t *p, uint64_t n);

int64_t cside_small(uint64_t n);
int64_t cside_hundred(uint64_t n);

/* Without the time of closing. */
int64_t cside_load_small(uint64_t n);
int64_t cside_load_core(uint64_t n);
int64_t cside_load_hundred(uint64_t n);

#endif
