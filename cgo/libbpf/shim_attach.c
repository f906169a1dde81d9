// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "shim_attach.h"

/* LINK(call) is the body of a function that attaches: call returns a link, or
 * NULL and sets errno. One that was interrupted has left nothing behind. */
#define LINK(call)                                                       \
	do {                                                             \
		int err_, tries_ = 0;                                    \
									 \
		bpfskel_call_begin(log);                                 \
		do {                                                     \
			errno = 0;                                       \
			*link = (call);                                  \
			err_ = *link ? 0 : errno ? -errno : -EINVAL;     \
		} while (err_ == -EINTR && ++tries_ < BPFSKEL_ATTEMPTS); \
		bpfskel_call_end(log);                                   \
		return err_;                                             \
	} while (0)

int bpfskel_program_attach(struct bpf_program *prog, struct bpf_link **link,
			   struct bpfskel_log *log)
{
	LINK(bpf_program__attach(prog));
}

int bpfskel_attach_kprobe(struct bpf_program *prog, const char *function, uint64_t offset,
			  uint64_t cookie, bool ret, int mode, struct bpf_link **link,
			  struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .bpf_cookie = cookie, .offset = offset, .retprobe = ret,
		    .attach_mode = mode);

	LINK(bpf_program__attach_kprobe_opts(prog, function, &opts));
}

/* Pointers to count names, NULL where there are none; to be freed. *err is set
 * where there is no memory. */
static const char **list(const uint8_t *names, size_t count, int *err)
{
	const char *name = (const char *)names;
	const char **out;
	size_t i;

	if (!names)
		return NULL;
	out = calloc(count, sizeof(*out));
	if (!out) {
		*err = -ENOMEM;
		return NULL;
	}
	for (i = 0; i < count; i++, name += strlen(name) + 1)
		out[i] = name;
	return out;
}

static int attach_kprobe_multi(struct bpf_program *prog, const char *pattern,
			       const struct bpf_kprobe_multi_opts *opts, struct bpf_link **link,
			       struct bpfskel_log *log)
{
	LINK(bpf_program__attach_kprobe_multi_opts(prog, pattern, opts));
}

int bpfskel_attach_kprobe_multi(struct bpf_program *prog, const char *pattern,
				const uint8_t *names, const unsigned long *addresses,
				const uint64_t *cookies, size_t count, bool ret, bool session,
				bool unique, struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .addrs = addresses,
		    .cookies = (const __u64 *)cookies, .cnt = count, .retprobe = ret,
		    .session = session);
	int err = 0;

#if BPFSKEL_LIBBPF(1, 6)
	opts.unique_match = unique;
#else
	if (unique)
		return -EOPNOTSUPP;
#endif
	opts.syms = list(names, count, &err);
	if (!err)
		err = attach_kprobe_multi(prog, pattern, &opts, link, log);
	free(opts.syms);
	return err;
}

int bpfskel_attach_ksyscall(struct bpf_program *prog, const char *name, uint64_t cookie, bool ret,
			    struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_ksyscall_opts, opts, .bpf_cookie = cookie, .retprobe = ret);

	LINK(bpf_program__attach_ksyscall(prog, name, &opts));
}

int bpfskel_attach_uprobe(struct bpf_program *prog, int pid, const char *path, const char *function,
			  uint64_t offset, uint64_t ref_counter, uint64_t cookie, bool ret,
			  int mode, struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .ref_ctr_offset = ref_counter, .bpf_cookie = cookie,
		    .retprobe = ret, .func_name = function, .attach_mode = mode);

	LINK(bpf_program__attach_uprobe_opts(prog, pid, path, offset, &opts));
}

static int attach_uprobe_multi(struct bpf_program *prog, int pid, const char *path,
			       const char *pattern, const struct bpf_uprobe_multi_opts *opts,
			       struct bpf_link **link, struct bpfskel_log *log)
{
	LINK(bpf_program__attach_uprobe_multi(prog, pid, path, pattern, opts));
}

int bpfskel_attach_uprobe_multi(struct bpf_program *prog, int pid, const char *path,
				const char *pattern, const uint8_t *names,
				const unsigned long *offsets, const unsigned long *ref_counters,
				const uint64_t *cookies, size_t count, bool ret, bool session,
				struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .offsets = offsets,
		    .ref_ctr_offsets = ref_counters, .cookies = (const __u64 *)cookies,
		    .cnt = count, .retprobe = ret);
	int err = 0;

#if BPFSKEL_LIBBPF(1, 6)
	opts.session = session;
#else
	if (session)
		return -EOPNOTSUPP;
#endif
	opts.syms = list(names, count, &err);
	if (!err)
		err = attach_uprobe_multi(prog, pid, path, pattern, &opts, link, log);
	free(opts.syms);
	return err;
}

int bpfskel_attach_usdt(struct bpf_program *prog, int pid, const char *path, const char *provider,
			const char *name, uint64_t cookie, struct bpf_link **link,
			struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = cookie);

	LINK(bpf_program__attach_usdt(prog, pid, path, provider, name, &opts));
}

int bpfskel_attach_tracepoint(struct bpf_program *prog, const char *category, const char *name,
			      uint64_t cookie, struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tracepoint_opts, opts, .bpf_cookie = cookie);

	LINK(bpf_program__attach_tracepoint_opts(prog, category, name, &opts));
}

int bpfskel_attach_freplace(struct bpf_program *prog, int target, const char *function,
			    struct bpf_link **link, struct bpfskel_log *log)
{
	LINK(bpf_program__attach_freplace(prog, target, function));
}

