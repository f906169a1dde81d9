/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Programs and links in the kernel. */
#ifndef BPFSKEL_SHIM_PROG_H
#define BPFSKEL_SHIM_PROG_H

#include "shim.h"

/* target is 0 if the function is the kernel's; function is NULL for the function that
 * the program's section names. */
int bpfskel_program_set_target(struct bpf_program *prog, int target, const char *function,
			       struct bpfskel_log *log);

int bpfskel_map_attach_struct_ops(struct bpf_map *map, struct bpf_link **link,
				  struct bpfskel_log *log);
int bpfskel_link_update_map(struct bpf_link *link, const struct bpf_map *map,
			    struct bpfskel_log *log);
int bpfskel_link_pin(struct bpf_link *link, const char *path, struct bpfskel_log *log);
int bpfskel_link_unpin(struct bpf_link *link, struct bpfskel_log *log);
int bpfskel_link_destroy(struct bpf_link *link, struct bpfskel_log *log);

#endif
