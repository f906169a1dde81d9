/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* The parts that Go cannot express: variadic callbacks, libbpf's inline helpers and
 * option structs. Every function returns 0 or a positive result, or -errno. */
#ifndef BPFSKEL_SHIM_H
#define BPFSKEL_SHIM_H

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* True if the headers belong to that libbpf, or to a newer one. */
#define BPFSKEL_LIBBPF(major, minor) \
	(LIBBPF_MAJOR_VERSION > (major) || \
	 (LIBBPF_MAJOR_VERSION == (major) && LIBBPF_MINOR_VERSION >= (minor)))

/* A growing text. The function that declares one frees text with bpfskel_text_free. */
struct bpfskel_text {
	char *text;
	size_t len;
	size_t cap;
	bool oom;
};

bool bpfskel_text_append(struct bpfskel_text *t, const char *data, size_t len);
bool bpfskel_text_vprintf(struct bpfskel_text *t, const char *fmt, va_list args);
void bpfskel_text_free(struct bpfskel_text *t);

/* The messages that libbpf printed on this thread between begin and end, one record
 * per message: one byte of level ('0' warn, '1' info, '2' debug), the text, a NUL.
 * Begin and end must be called in one C function: a goroutine changes threads between
 * calls. */
struct bpfskel_log {
	struct bpfskel_text records;
	struct bpfskel_log *outer;
	sigset_t signals; /* of bpfskel_call_begin */
};

void bpfskel_capture_begin(struct bpfskel_log *log);
void bpfskel_capture_end(struct bpfskel_log *log);

/* Defer, on this thread and for the length of a C function, the signals that Go's run
 * time does not need meanwhile. A pending signal makes the kernel abort: a program's
 * load with EAGAIN, a test run and perf_event_open with EINTR. libbpf's feature
 * probes fail in the same way, and it remembers their results for the life of the
 * process. */
void bpfskel_signals_defer(sigset_t *before);
void bpfskel_signals_restore(const sigset_t *before);

/* A call that is still interrupted (a stopped job, a debugger) is repeated, at most
 * so many times. */
enum { BPFSKEL_ATTEMPTS = 10 };

/* Capture messages, and defer signals, around a call of libbpf that enters the
 * kernel. */
void bpfskel_call_begin(struct bpfskel_log *log);
void bpfskel_call_end(struct bpfskel_log *log);

/* Messages above this enum libbpf_print_level are not even formatted. */
void bpfskel_set_log_level(int level);

/* Objects as the generator opens them, without the kernel. */
int bpfskel_object_open(struct bpf_object **obj, const uint8_t *data, size_t size,
			const char *name, struct bpfskel_log *log);

/* Objects whose loader is to be written. kconfig may be NULL. */
int bpfskel_loader_open(struct bpf_object **obj, const uint8_t *data, size_t size, const char *name,
			const char *kconfig, struct bpfskel_log *log);

/* A loader program and the bytes that it works on; they belong to the object. */
struct bpfskel_loader {
	const char *insns;
	const char *blob;
	size_t insns_size;
	size_t blob_size;
};

/* Writes the loader. The object can only be closed afterwards. */
int bpfskel_loader_write(struct bpf_object *obj, struct bpfskel_loader *out, struct bpfskel_log *log);

/* BTF of a file, and of the running kernel. */
int bpfskel_btf_parse(struct btf **btf, const char *path, struct bpfskel_log *log);

/* Links objects into the file out. */
int bpfskel_link(const char *out, const char *const *in, int count, struct bpfskel_log *log);
int bpfskel_btf_kernel(struct btf **btf, struct bpfskel_log *log);

/* One BTF type, read through libbpf's accessors. */
struct bpfskel_btf_type {
	const char *name;
	uint32_t kind;
	uint32_t vlen;
	uint32_t size; /* if the kind has a size */
	uint32_t elem; /* if the kind refers to a type */
	uint32_t len;  /* array */
	int32_t align;
	int32_t component; /* declaration tag */
	uint8_t bits;
	uint8_t bit_offset;
	uint8_t encoding;
	uint8_t linkage;
	bool kflag;
};

struct bpfskel_btf_item {
	const char *name; /* member, enumerator, parameter */
	uint32_t type;
	uint32_t offset; /* bits of a member, bytes of a section's variable */
	uint32_t size;   /* bits of a bitfield, bytes of a section's variable */
	uint64_t value;  /* enumerator */
};

int bpfskel_btf_type(const struct btf *btf, uint32_t id, struct bpfskel_btf_type *out);
int bpfskel_btf_item(const struct btf *btf, uint32_t id, uint32_t i, struct bpfskel_btf_item *out);

/* C text from BTF. A dump object prints to the text that it was made with. */
struct btf_dump *bpfskel_dump_new(const struct btf *btf, struct bpfskel_text *out);
int bpfskel_dump_decl(struct btf_dump *d, uint32_t id, const char *name, int indent, bool strip_mods,
		      struct bpfskel_log *log);
int bpfskel_dump_type(struct btf_dump *d, uint32_t id, struct bpfskel_log *log);

#endif
