/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Filters of tc. */
#ifndef BPFSKEL_SHIM_TC_H
#define BPFSKEL_SHIM_TC_H

#include "shim.h"

/* struct bpf_tc_hook. */
struct bpfskel_tc_hook {
	int32_t ifindex;
	uint32_t point, parent, handle;
	const char *qdisc;
};

/* One filter of a hook. The kernel chooses a handle or priority of 0. */
struct bpfskel_tc_filter {
	uint32_t handle, priority;
	uint32_t prog_id; /* of the program that runs */
};

int bpfskel_tc_create(const struct bpfskel_tc_hook *hook, struct bpfskel_log *log);
int bpfskel_tc_destroy(const struct bpfskel_tc_hook *hook, struct bpfskel_log *log);
/* Sets handle and priority. */
int bpfskel_tc_attach(const struct bpfskel_tc_hook *hook, struct bpfskel_tc_filter *filter,
		      int prog, uint32_t flags, struct bpfskel_log *log);
/* Returns -ENOENT if prog_id is not the filter's. netns is the network namespace in
 * which the filter was attached, -1 for the thread's. */
int bpfskel_tc_detach(const struct bpfskel_tc_hook *hook, const struct bpfskel_tc_filter *filter,
		      int netns, struct bpfskel_log *log);
/* Sets prog_id. */
int bpfskel_tc_query(const struct bpfskel_tc_hook *hook, struct bpfskel_tc_filter *filter,
		     struct bpfskel_log *log);

#endif
