/* SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause */
/* What the programs send to user space. */
#ifndef EXECSNOOP_H
#define EXECSNOOP_H

enum event_kind {
	EVENT_EXEC,
	EVENT_EXIT,
};

struct event {
	__u64 duration_ns; /* of an exit: since the exec */
	enum event_kind kind;
	__u32 pid;
	__u32 ppid;
	__u32 uid;
	__u32 exit_code; /* of an exit: as wait(2) gives it */
	char comm[16];
	char filename[108]; /* of an exec */
};

#endif
