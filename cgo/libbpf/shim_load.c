// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Loading, and the address ranges that libbpf unmaps at close. It puts a map over its
 * initial image by mmap(MAP_FIXED), which may fail after it has unmapped the image;
 * libbpf still keeps the address, and would unmap a mapping that another thread made
 * there since. So such a range stays mapped until libbpf releases it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "shim_skel.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct range {
	char *at;
	size_t size;
	bool arena;
};

static size_t whole_pages(size_t size)
{
	size_t page = sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* Fills a range in which nothing is mapped with memory that cannot be used. */
static int reserve_range(const struct range *r)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
	void *got = mmap(r->at, r->size, PROT_NONE, flags, -1, 0);

	if (got == MAP_FAILED)
		return -errno;
	if (got != r->at) { /* a kernel that takes the address as a hint */
		munmap(got, r->size);
		return -EEXIST;
	}
	return 0;
}

/* The image of a data section, as libbpf has mapped it. */
static bool section_image(const struct bpf_map *map, struct range *r)
{
	size_t size = 0;

	if (!bpf_map__is_internal(map))
		return false;
	*r = (struct range){ .at = bpf_map__initial_value(map, &size) };
	r->size = whole_pages((size + 7) / 8 * 8 * bpf_map__max_entries(map));
	return r->at && r->size;
}

/* The range at which libbpf will map an arena with a fixed address, even over other
 * mappings. */
static bool fixed_arena(const struct bpf_map *map, struct range *r)
{
	if (bpf_map__type(map) != BPF_MAP_TYPE_ARENA || !bpf_map__map_extra(map) || !bpf_map__autocreate(map))
		return false;
	*r = (struct range){ .at = (char *)(uintptr_t)bpf_map__map_extra(map), .arena = true };
	r->size = (size_t)sysconf(_SC_PAGESIZE) * bpf_map__max_entries(map);
	return r->size;
}

static void log_warning(struct bpfskel_log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bpfskel_text_append(&log->records, "0", 1);
	bpfskel_text_vprintf(&log->records, fmt, args);
	bpfskel_text_append(&log->records, "", 1);
	va_end(args);
}

static bool log_contains(const struct bpfskel_log *log, const char *text)
{
	return log->records.oom || memmem(log->records.text, log->records.len, text, strlen(text));
}

/* Lists the ranges, and reserves those of arenas. */
static int reserve_ranges(struct bpf_object *obj, struct range *ranges, int *n, struct bpfskel_log *log)
{
	struct bpf_map *map;
	int err;

	bpf_object__for_each_map(map, obj) {
		struct range *r = &ranges[*n];

		if (fixed_arena(map, r)) {
			err = reserve_range(r);
			if (err) {
				log_warning(log, "map '%s': failed to map %zu bytes at %p: in use, or no such address\n",
				    bpf_map__name(map), r->size, (void *)r->at);
				return err;
			}
			++*n;
		} else if (section_image(map, r)) {
			++*n;
		}
	}
	return 0;
}

/* Unmaps the reservations of arenas that libbpf has not mapped. If libbpf
 * tried to map an arena and failed, nothing is unmapped: another thread may have mapped
 * memory there since. */
static void release_ranges(struct bpf_object *obj, const struct range *ranges, int n,
		    const struct bpfskel_log *log)
{
	struct bpf_map *map;
	size_t size;
	int i;

	if (log_contains(log, "failed to mmap arena"))
		return;
	for (i = 0; i < n; i++) {
		bool used = !ranges[i].arena;

		bpf_object__for_each_map(map, obj) {
			if (bpf_map__type(map) == BPF_MAP_TYPE_ARENA && ranges[i].arena)
				used = used || bpf_map__initial_value(map, &size) == ranges[i].at;
		}
		if (!used)
			munmap(ranges[i].at, ranges[i].size);
	}
}

/* Fills the hole that a failed load has left; there is at most one, because libbpf
 * stops there. Returns false if another thread has mapped memory in the hole. */
static bool fill_hole(const struct range *ranges, int n, const struct bpfskel_log *log)
{
	bool filled = false;
	int i;

	for (i = 0; i < n; i++)
		filled = (!ranges[i].arena && !reserve_range(&ranges[i])) || filled;
	return filled || !log_contains(log, "re-mmap");
}

/* Objects that are never closed, because a mapping of another thread is in one of their
 * ranges. The list keeps them reachable, so that leak checkers do not report them. */
static struct abandoned {
	struct bpf_object *obj;
	struct abandoned *next;
} *abandoned;

static void abandon(struct bpf_object *obj)
{
	struct abandoned *a = malloc(sizeof(*a));

	if (!a)
		return;
	a->obj = obj;
	a->next = __atomic_load_n(&abandoned, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&abandoned, &a->next, a, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
}

int bpfskel_skeleton_load(struct bpf_object_skeleton *s, bool *never_close, struct bpfskel_log *log)
{
	struct bpf_object *obj = *s->obj;
	struct range *ranges;
	struct bpf_map *map;
	int err, n = 0, maps = 1;

	bpf_object__for_each_map(map, obj)
		maps++;
	ranges = calloc(maps, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	bpfskel_call_begin(log);
	err = reserve_ranges(obj, ranges, &n, log);
	if (!err)
		err = bpf_object__load_skeleton(s);
	if (err)
		*never_close = !fill_hole(ranges, n, log);
	if (*never_close)
		abandon(obj);
	release_ranges(obj, ranges, n, log);
	bpfskel_call_end(log);
	free(ranges);
	return err;
}

/* The map is mapped elsewhere first, and then moved, so that the image stays if the
 * kernel refuses the map. The kernel checks its limits before it unmaps the
 * destination of a move. */
static int map_over(struct bpf_map *map, const struct range *r, int prot)
{
	void *made = mmap(NULL, r->size, prot, MAP_SHARED, bpf_map__fd(map), 0);
	int err;

	if (made == MAP_FAILED)
		return -errno;
	if (mremap(made, r->size, r->size, MREMAP_MAYMOVE | MREMAP_FIXED, r->at) != MAP_FAILED)
		return 0;
	err = -errno;
	reserve_range(r);
	munmap(made, r->size);
	return err;
}

int bpfskel_map_remap(struct bpf_map *map, void *at, size_t size, bool readonly)
{
	struct range r = { .at = at, .size = whole_pages(size) };

	return map_over(map, &r, readonly ? PROT_READ : PROT_READ | PROT_WRITE);
}

void bpfskel_memory_deny(void *at, size_t size)
{
	mprotect(at, whole_pages(size), PROT_NONE);
}
