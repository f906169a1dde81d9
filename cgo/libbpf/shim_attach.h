/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Attaching programs, one function for each of libbpf's. On success *link owns
 * the attachment. Names in a list lie one after the other, each with its NUL;
 * arrays are NULL or have count elements. */
#ifndef BPFSKEL_SHIM_ATTACH_H
#define BPFSKEL_SHIM_ATTACH_H

#include "shim.h"

/* True where the headers are those of that libbpf, or of a newer one. */
#define BPFSKEL_LIBBPF(major, minor) \
	(LIBBPF_MAJOR_VERSION > (major) || \
	 (LIBBPF_MAJOR_VERSION == (major) && LIBBPF_MINOR_VERSION >= (minor)))

int bpfskel_program_attach(struct bpf_program *prog, struct bpf_link **link,
			   struct bpfskel_log *log);

int bpfskel_attach_kprobe(struct bpf_program *prog, const char *function, uint64_t offset,
			  uint64_t cookie, bool ret, int mode, struct bpf_link **link,
			  struct bpfskel_log *log);
int bpfskel_attach_kprobe_multi(struct bpf_program *prog, const char *pattern,
				const uint8_t *names, const unsigned long *addresses,
				const uint64_t *cookies, size_t count, bool ret, bool session,
				bool unique, struct bpf_link **link, struct bpfskel_log *log);
int bpfskel_attach_ksyscall(struct bpf_program *prog, const char *name, uint64_t cookie, bool ret,
			    struct bpf_link **link, struct bpfskel_log *log);
int bpfskel_attach_uprobe(struct bpf_program *prog, int pid, const char *path, const char *function,
			  uint64_t offset, uint64_t ref_counter, uint64_t cookie, bool ret,
			  int mode, struct bpf_link **link, struct bpfskel_log *log);
int bpfskel_attach_uprobe_multi(struct bpf_program *prog, int pid, const char *path,
				const char *pattern, const uint8_t *names,
				const unsigned long *offsets, const unsigned long *ref_counters,
				const uint64_t *cookies, size_t count, bool ret, bool session,
				struct bpf_link **link, struct bpfskel_log *log);
int bpfskel_attach_usdt(struct bpf_program *prog, int pid, const char *path, const char *provider,
			const char *name, uint64_t cookie, struct bpf_link **link,
			struct bpfskel_log *log);

int bpfskel_attach_tracepoint(struct bpf_program *prog, const char *category, const char *name,
			      uint64_t cookie, struct bpf_link **link, struct bpfskel_log *log);
int bpfskel_attach_freplace(struct bpf_program *prog, int target, const char *function,
			    struct bpf_link **link, struct bpfskel_log *log);

/* struct bpf_tc_hook. */
struct bpfskel_tc_hook {
	int32_t ifindex;
	uint32_t point, parent, handle;
	const char *qdisc;
};

int bpfskel_tc_create(const struct bpfskel_tc_hook *hook, struct bpfskel_log *log);
int bpfskel_tc_destroy(const struct bpfskel_tc_hook *hook, struct bpfskel_log *log);
/* handle and priority are 0 for the kernel to choose, and what it chose. */
int bpfskel_tc_attach(const struct bpfskel_tc_hook *hook, int prog, uint32_t flags,
		      uint32_t *handle, uint32_t *priority, struct bpfskel_log *log);
/* netns is that of the attach; -1 for the thread's. */
/* Only if it is the program prog_id, else -ENOENT. */
int bpfskel_tc_detach(const struct bpfskel_tc_hook *hook, uint32_t handle, uint32_t priority,
		      uint32_t prog_id, int netns, struct bpfskel_log *log);
int bpfskel_tc_query(const struct bpfskel_tc_hook *hook, uint32_t handle, uint32_t priority,
		     uint32_t *prog_id, struct bpfskel_log *log);

#endif
