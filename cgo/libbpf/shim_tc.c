// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>
#include "shim_tc.h"

/* The thread's network namespace, in which libbpf's netlink calls work. */
#define THREAD_NETNS "/proc/thread-self/ns/net"

static int copy_hook(const struct bpfskel_tc_hook *from, struct bpf_tc_hook *to)
{
	to->ifindex = from->ifindex;
	to->attach_point = from->point;
	to->parent = from->parent;
#if BPFSKEL_LIBBPF(1, 7)
	to->handle = from->handle;
	to->qdisc = from->qdisc;
#else
	if (from->handle || from->qdisc)
		return -EOPNOTSUPP;
#endif
	return 0;
}

int bpfskel_tc_create(const struct bpfskel_tc_hook *hook, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tc_hook, h);
	int err = copy_hook(hook, &h);

	if (err)
		return err;
	bpfskel_call_begin(log);
	err = bpf_tc_hook_create(&h);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_tc_destroy(const struct bpfskel_tc_hook *hook, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tc_hook, h);
	int err = copy_hook(hook, &h);

	if (err)
		return err;
	bpfskel_call_begin(log);
	err = bpf_tc_hook_destroy(&h);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_tc_attach(const struct bpfskel_tc_hook *hook, struct bpfskel_tc_filter *filter,
		      int prog, uint32_t flags, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tc_hook, h);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog, .flags = flags, .handle = filter->handle,
		    .priority = filter->priority);
	int err = copy_hook(hook, &h);

	if (err)
		return err;
	bpfskel_call_begin(log);
	err = bpf_tc_attach(&h, &opts);
	bpfskel_call_end(log);
	filter->handle = opts.handle;
	filter->priority = opts.priority;
	return err;
}

/* enter_netns returns an fd of the previous namespace, -1 if the thread is already in
 * netns, or -errno - 1. */
static int enter_netns(int netns)
{
	struct stat there, here;
	int old, err;

	if (netns < 0)
		return -1;
	old = open(THREAD_NETNS, O_RDONLY | O_CLOEXEC);
	if (old < 0)
		return -errno - 1;
	if (fstat(netns, &there) || fstat(old, &here)) {
		err = errno;
	} else if (there.st_ino == here.st_ino && there.st_dev == here.st_dev) {
		err = 0;
	} else {
		if (!setns(netns, CLONE_NEWNET))
			return old;
		err = errno;
	}
	close(old);
	return -err - 1;
}

/* The thread belongs to Go's run time, which reuses it: it must return to its
 * namespace. */
static int leave_netns(int old)
{
	int err = 0;

	if (old < 0)
		return 0;
	if (setns(old, CLONE_NEWNET))
		err = -errno;
	close(old);
	return err;
}

int bpfskel_tc_detach(const struct bpfskel_tc_hook *hook, const struct bpfskel_tc_filter *filter,
		      int netns, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tc_hook, h);
	LIBBPF_OPTS(bpf_tc_opts, found, .handle = filter->handle, .priority = filter->priority);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = filter->handle, .priority = filter->priority);
	int err = copy_hook(hook, &h), old, back;

	if (err)
		return err;
	old = enter_netns(netns);
	if (old < -1)
		return old + 1;
	bpfskel_call_begin(log);
	err = bpf_tc_query(&h, &found);
	if (!err && found.prog_id != filter->prog_id)
		err = -ENOENT;
	if (!err)
		err = bpf_tc_detach(&h, &opts);
	bpfskel_call_end(log);
	back = leave_netns(old);
	return err ? err : back;
}

int bpfskel_tc_query(const struct bpfskel_tc_hook *hook, struct bpfskel_tc_filter *filter,
		     struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_tc_hook, h);
	LIBBPF_OPTS(bpf_tc_opts, opts, .handle = filter->handle, .priority = filter->priority);
	int err = copy_hook(hook, &h);

	if (err)
		return err;
	bpfskel_call_begin(log);
	err = bpf_tc_query(&h, &opts);
	bpfskel_call_end(log);
	filter->prog_id = opts.prog_id;
	return err;
}
