/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Attaching programs: for each kind, its options and the function that calls libbpf.
 * Only attach.go includes this file, so that each kind is in one place. On success
 * *link owns the attachment. */
#ifndef BPFSKEL_SHIM_ATTACH_H
#define BPFSKEL_SHIM_ATTACH_H

#include <errno.h>
#include "shim.h"

/* LINK(call) is the body of a function that attaches: call returns a link, or returns
 * NULL and sets errno. A call that was interrupted has had no effect. */
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

/* ATTACH(kind) begins the function for the options struct bpfskel_KIND. */
#define ATTACH(kind)                                                                         \
	static inline int bpfskel_attach_##kind(struct bpf_program *prog,                    \
						const struct bpfskel_##kind *to,             \
						struct bpf_link **link, struct bpfskel_log *log)

/* The target that the program's section names. */
struct bpfskel_section {
	char none;
};

ATTACH(section)
{
	LINK(bpf_program__attach(prog));
}

struct bpfskel_tracepoint {
	const char *category, *name;
	uint64_t cookie;
};

ATTACH(tracepoint)
{
	LIBBPF_OPTS(bpf_tracepoint_opts, opts, .bpf_cookie = to->cookie);

	LINK(bpf_program__attach_tracepoint_opts(prog, to->category, to->name, &opts));
}

struct bpfskel_kprobe {
	const char *function;
	uint64_t offset, cookie;
	bool ret;
	int mode;
};

ATTACH(kprobe)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .bpf_cookie = to->cookie, .offset = to->offset,
		    .retprobe = to->ret, .attach_mode = to->mode);

	LINK(bpf_program__attach_kprobe_opts(prog, to->function, &opts));
}

/* The targets of a multi-probe. Each array is NULL or has count elements. */
struct bpfskel_targets {
	const char **names;
	unsigned long *locations, *ref_counters;
	uint64_t *cookies;
	size_t count;
	bool ret, session, unique;
};

struct bpfskel_kprobe_multi {
	const char *pattern;
	struct bpfskel_targets targets;
};

ATTACH(kprobe_multi)
{
	LIBBPF_OPTS(bpf_kprobe_multi_opts, opts, .syms = to->targets.names,
		    .addrs = to->targets.locations, .cookies = (const __u64 *)to->targets.cookies,
		    .cnt = to->targets.count, .retprobe = to->targets.ret,
		    .session = to->targets.session);

#if BPFSKEL_LIBBPF(1, 6)
	opts.unique_match = to->targets.unique;
#else
	if (to->targets.unique)
		return -EOPNOTSUPP;
#endif
	LINK(bpf_program__attach_kprobe_multi_opts(prog, to->pattern, &opts));
}

struct bpfskel_ksyscall {
	const char *name;
	uint64_t cookie;
	bool ret;
};

ATTACH(ksyscall)
{
	LIBBPF_OPTS(bpf_ksyscall_opts, opts, .bpf_cookie = to->cookie, .retprobe = to->ret);

	LINK(bpf_program__attach_ksyscall(prog, to->name, &opts));
}

struct bpfskel_uprobe {
	int pid, mode;
	const char *path, *function;
	uint64_t offset, ref_counter, cookie;
	bool ret;
};

ATTACH(uprobe)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .ref_ctr_offset = to->ref_counter,
		    .bpf_cookie = to->cookie, .retprobe = to->ret, .func_name = to->function,
		    .attach_mode = to->mode);

	LINK(bpf_program__attach_uprobe_opts(prog, to->pid, to->path, to->offset, &opts));
}

struct bpfskel_uprobe_multi {
	int pid;
	const char *path, *pattern;
	struct bpfskel_targets targets;
};

ATTACH(uprobe_multi)
{
	LIBBPF_OPTS(bpf_uprobe_multi_opts, opts, .syms = to->targets.names,
		    .offsets = to->targets.locations, .ref_ctr_offsets = to->targets.ref_counters,
		    .cookies = (const __u64 *)to->targets.cookies, .cnt = to->targets.count,
		    .retprobe = to->targets.ret);

#if BPFSKEL_LIBBPF(1, 6)
	opts.session = to->targets.session;
#else
	if (to->targets.session)
		return -EOPNOTSUPP;
#endif
	LINK(bpf_program__attach_uprobe_multi(prog, to->pid, to->path, to->pattern, &opts));
}

struct bpfskel_usdt {
	int pid;
	const char *path, *provider, *name;
	uint64_t cookie;
};

ATTACH(usdt)
{
	LIBBPF_OPTS(bpf_usdt_opts, opts, .usdt_cookie = to->cookie);

	LINK(bpf_program__attach_usdt(prog, to->pid, to->path, to->provider, to->name, &opts));
}

struct bpfskel_freplace {
	int program;
	const char *function;
};

ATTACH(freplace)
{
	LINK(bpf_program__attach_freplace(prog, to->program, to->function));
}

#endif
