/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Programs and links in the kernel. */
#ifndef BPFSKEL_SHIM_PROG_H
#define BPFSKEL_SHIM_PROG_H

#include "shim.h"

/* target is 0 where the function is the kernel's; function is NULL for the one
 * that the program's section names. */
int bpfskel_program_set_target(struct bpf_program *prog, int target, const char *function,
			       struct bpfskel_log *log);
int bpfskel_program_pin(struct bpf_program *prog, const char *path, struct bpfskel_log *log);
int bpfskel_program_unpin(struct bpf_program *prog, const char *path, struct bpfskel_log *log);

/* bpf_prog_test_run_opts. The bytes are read or written by it; sizes of outputs
 * are their room, then what was written. */
struct bpfskel_run {
	uint32_t data_size, data_out_size, ctx_size, ctx_out_size;
	int32_t repeat;
	uint32_t flags, cpu, batch_size;
	uint32_t retval, duration;
};

int bpfskel_prog_run(int fd, struct bpfskel_run *run, const uint8_t *data, const uint8_t *data_out,
		     const uint8_t *ctx, const uint8_t *ctx_out);

/* What the kernel says of a program. map_ids has room for max_maps. */
int bpfskel_prog_info(int fd, struct bpf_prog_info *info, const uint8_t *map_ids,
		      uint32_t max_maps);
bool bpfskel_prog_gpl(const struct bpf_prog_info *info);

int bpfskel_map_attach_struct_ops(struct bpf_map *map, struct bpf_link **link,
				  struct bpfskel_log *log);
int bpfskel_link_open(const char *path, struct bpf_link **link, struct bpfskel_log *log);
int bpfskel_link_update_map(struct bpf_link *link, const struct bpf_map *map,
			    struct bpfskel_log *log);
int bpfskel_link_pin(struct bpf_link *link, const char *path, struct bpfskel_log *log);
int bpfskel_link_unpin(struct bpf_link *link, struct bpfskel_log *log);
int bpfskel_link_destroy(struct bpf_link *link, struct bpfskel_log *log);

/* What the kernel says of a link, of those members that its type has. name is
 * a function, tracepoint, file or kind of iterator. */
struct bpfskel_link_info {
	uint32_t type, id, prog_id;
	uint32_t attach_type, ifindex, netns, map_id, target_obj, target_btf;
	uint64_t cgroup_id, cookie;
	char name[512];
};

int bpfskel_link_info(int fd, struct bpfskel_link_info *out);

#endif
