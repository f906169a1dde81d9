// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "shim.h"

bool bpfskel_text_append(struct bpfskel_text *t, const char *data, size_t len)
{
	if (len > SIZE_MAX / 2 - t->len) {
		t->oom = true;
		return false;
	}
	if (t->len + len > t->cap) {
		size_t cap = (t->len + len) * 2 + 64;
		char *text = realloc(t->text, cap);

		if (!text) {
			t->oom = true;
			return false;
		}
		t->text = text;
		t->cap = cap;
	}
	memcpy(t->text + t->len, data, len);
	t->len += len;
	return true;
}

bool bpfskel_text_vprintf(struct bpfskel_text *t, const char *fmt, va_list args)
{
	char small[512], *big;
	va_list again;
	bool ok;
	int n;

	va_copy(again, args);
	n = vsnprintf(small, sizeof(small), fmt, args);
	if (n < (int)sizeof(small)) {
		ok = n < 0 ? false : bpfskel_text_append(t, small, n);
	} else if ((big = malloc((size_t)n + 1))) {
		/* A verifier log: format it again, into memory of its size. */
		vsnprintf(big, (size_t)n + 1, fmt, again);
		ok = bpfskel_text_append(t, big, n);
		free(big);
	} else {
		t->oom = true;
		ok = false;
	}
	va_end(again);
	return ok;
}

void bpfskel_text_free(struct bpfskel_text *t)
{
	free(t->text);
	memset(t, 0, sizeof(*t));
}

static __thread struct bpfskel_log *capturing;
static libbpf_print_fn_t chained;
static int log_level = LIBBPF_INFO;

void bpfskel_set_log_level(int level)
{
	__atomic_store_n(&log_level, level, __ATOMIC_RELAXED);
}

static int bpfskel_print(enum libbpf_print_level level, const char *fmt, va_list args)
{
	struct bpfskel_log *log = capturing;
	char kind = '0' + (char)level;
	size_t start;

	if (!log) {
		libbpf_print_fn_t next = __atomic_load_n(&chained, __ATOMIC_ACQUIRE);

		return next ? next(level, fmt, args) : 0;
	}
	if ((int)level > __atomic_load_n(&log_level, __ATOMIC_RELAXED))
		return 0;
	start = log->records.len;
	if (!bpfskel_text_append(&log->records, &kind, 1) ||
	    !bpfskel_text_vprintf(&log->records, fmt, args) ||
	    !bpfskel_text_append(&log->records, "", 1))
		log->records.len = start; /* whole records only */
	return 0;
}

void bpfskel_capture_begin(struct bpfskel_log *log)
{
	libbpf_print_fn_t old = libbpf_set_print(bpfskel_print);

	/* libbpfgo and others replace the process-wide callback: set ours again each
	 * time, and call theirs for messages of other threads. */
	if (old != bpfskel_print)
		__atomic_store_n(&chained, old, __ATOMIC_RELEASE);
	memset(log, 0, sizeof(*log));
	log->outer = capturing;
	capturing = log;
}

void bpfskel_capture_end(struct bpfskel_log *log)
{
	capturing = log->outer;
}

int bpfskel_object_open(struct bpf_object **obj, const uint8_t *data, size_t size,
			const char *name, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
	int err = 0;

	bpfskel_capture_begin(log);
	*obj = bpf_object__open_mem(data, size, &opts);
	if (!*obj)
		err = errno ? -errno : -EINVAL;
	bpfskel_capture_end(log);
	return err;
}

/* The archive of libelf 0.192 (Debian 13) lacks these two; libbpf never builds their
 * tree. If libelf has them, the linker uses libelf's. */
__attribute__((weak)) void eu_search_tree_init(void *tree, int (*compare)(const void *, const void *))
{
	(void)tree;
	(void)compare;
}

__attribute__((weak)) void eu_search_tree_fini(void *tree, void (*free_node)(void *))
{
	(void)tree;
	(void)free_node;
}
