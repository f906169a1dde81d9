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

int bpfskel_attach_perf_event(struct bpf_program *prog, int fd, uint64_t cookie, bool ioctl,
			      bool disabled, struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_perf_event_opts, opts, .bpf_cookie = cookie, .force_ioctl_attach = ioctl);

#if BPFSKEL_LIBBPF(1, 7)
	opts.dont_enable = disabled;
#else
	if (disabled)
		return -EOPNOTSUPP;
#endif
	LINK(bpf_program__attach_perf_event_opts(prog, fd, &opts));
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

int bpfskel_attach_raw_tracepoint(struct bpf_program *prog, const char *name, uint64_t cookie,
				  struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_raw_tracepoint_opts, opts, .cookie = cookie);

	LINK(bpf_program__attach_raw_tracepoint_opts(prog, name, &opts));
}

int bpfskel_attach_trace(struct bpf_program *prog, uint64_t cookie, struct bpf_link **link,
			 struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_trace_opts, opts, .cookie = cookie);

	LINK(bpf_program__attach_trace_opts(prog, &opts));
}

int bpfskel_attach_lsm(struct bpf_program *prog, struct bpf_link **link, struct bpfskel_log *log)
{
	LINK(bpf_program__attach_lsm(prog));
}

int bpfskel_attach_freplace(struct bpf_program *prog, int target, const char *function,
			    struct bpf_link **link, struct bpfskel_log *log)
{
	LINK(bpf_program__attach_freplace(prog, target, function));
}

int bpfskel_attach_iter(struct bpf_program *prog, const uint8_t *info, uint32_t info_size,
			struct bpf_link **link, struct bpfskel_log *log)
{
	union bpf_iter_link_info given = {};
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = &given, .link_info_len = sizeof(given));

	if (!info)
		LINK(bpf_program__attach_iter(prog, NULL));
	if (info_size > sizeof(given))
		return -E2BIG;
	memcpy(&given, info, info_size);
	LINK(bpf_program__attach_iter(prog, &opts));
}

int bpfskel_attach_cgroup(struct bpf_program *prog, int fd, const struct bpfskel_order *order,
			  struct bpf_link **link, struct bpfskel_log *log)
{
#if BPFSKEL_LIBBPF(1, 6)
	LIBBPF_OPTS(bpf_cgroup_opts, opts, .flags = order->flags, .relative_fd = order->relative_fd,
		    .relative_id = order->relative_id, .expected_revision = order->revision);

	LINK(bpf_program__attach_cgroup_opts(prog, fd, &opts));
#else
	if (order->flags || order->relative_fd || order->relative_id || order->revision)
		return -EOPNOTSUPP;
	LINK(bpf_program__attach_cgroup(prog, fd));
#endif
}

int bpfskel_attach_tcx(struct bpf_program *prog, int ifindex, const struct bpfskel_order *order,
		       struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tcx_opts, opts, .flags = order->flags, .relative_fd = order->relative_fd,
		    .relative_id = order->relative_id, .expected_revision = order->revision);

	LINK(bpf_program__attach_tcx(prog, ifindex, &opts));
}

int bpfskel_attach_netkit(struct bpf_program *prog, int ifindex, const struct bpfskel_order *order,
			  struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_netkit_opts, opts, .flags = order->flags, .relative_fd = order->relative_fd,
		    .relative_id = order->relative_id, .expected_revision = order->revision);

	LINK(bpf_program__attach_netkit(prog, ifindex, &opts));
}

int bpfskel_attach_netns(struct bpf_program *prog, int fd, struct bpf_link **link,
			 struct bpfskel_log *log)
{
	LINK(bpf_program__attach_netns(prog, fd));
}

int bpfskel_attach_sockmap(struct bpf_program *prog, int fd, struct bpf_link **link,
			   struct bpfskel_log *log)
{
	LINK(bpf_program__attach_sockmap(prog, fd));
}

int bpfskel_attach_xdp(struct bpf_program *prog, int ifindex, uint32_t flags,
		       struct bpf_link **link, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tcx_opts, opts, .flags = flags);

	if (!flags)
		LINK(bpf_program__attach_xdp(prog, ifindex));
	/* That takes no flags. This does, and passes them on with the program's
	 * own attach type, whatever it is. */
	LINK(bpf_program__attach_tcx(prog, ifindex, &opts));
}

int bpfskel_attach_netfilter(struct bpf_program *prog, uint32_t family, uint32_t hook,
			     int32_t priority, uint32_t flags, struct bpf_link **link,
			     struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_netfilter_opts, opts, .pf = family, .hooknum = hook, .priority = priority,
		    .flags = flags);

	LINK(bpf_program__attach_netfilter(prog, &opts));
}
