/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Skeletons, their maps and programs. A function that can make libbpf print takes a
 * log, and every function returns 0 or a positive result, or -errno. */
#ifndef BPFSKEL_SHIM_SKEL_H
#define BPFSKEL_SHIM_SKEL_H

#include "shim.h"

/* The options of bpf_object_open_opts that a skeleton has; NULL and 0 are unset. */
struct bpfskel_open_opts {
	const char *btf_custom_path;
	const char *kconfig;
	const char *pin_root_path;
	const char *bpf_token_path;
	char *log_buf;
	size_t log_size;
	uint32_t log_level;
	bool relaxed_maps;
};

/* A skeleton and the variables that libbpf fills in, in one block except for the
 * parts that bpf_object__destroy_skeleton frees. It is made for the given object and
 * numbers of maps and programs, whose rows are then set one by one. NULL if there is
 * no memory. */
struct bpfskel_owner {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
	struct bpfskel_map_pointers { struct bpf_map *map; void *memory; struct bpf_link *link; } *maps;
	struct bpfskel_prog_pointers { struct bpf_program *prog; struct bpf_link *link; } *progs;
};

struct bpfskel_owner *bpfskel_skeleton_new(const void *elf, size_t size, int maps, int progs);
void bpfskel_skeleton_set_map(struct bpfskel_owner *o, int i, const char *name, bool memory, bool link);
void bpfskel_skeleton_set_program(struct bpfskel_owner *o, int i, const char *name);

int bpfskel_skeleton_open(struct bpf_object_skeleton *s, const struct bpfskel_open_opts *o,
			  struct bpfskel_log *log);
/* Uses an object that other code has opened, and perhaps loaded, instead of the
 * embedded one: fills in its maps and programs by name. */
int bpfskel_skeleton_borrow(struct bpf_object_skeleton *s, struct bpf_object *obj,
			    struct bpfskel_log *log);
/* *never_close is true if the object must not be closed: that would unmap memory of other code. */
int bpfskel_skeleton_load(struct bpf_object_skeleton *s, bool *never_close, struct bpfskel_log *log);

/* Attach one program or map as bpf_object__attach_skeleton does. */
int bpfskel_skeleton_attach_prog(struct bpf_object_skeleton *s, int i, struct bpfskel_log *log);
int bpfskel_skeleton_attach_map(struct bpf_object_skeleton *s, int i, struct bpfskel_log *log);
void bpfskel_skeleton_destroy(struct bpf_object_skeleton *s, struct bpfskel_log *log);

/* Replace the initial image of a map that libbpf did not create itself (pinned
 * before, or an fd of the caller) by the kernel's map. If that fails, the image
 * stays; deny makes it a fault to use the image. */
int bpfskel_map_remap(struct bpf_map *map, void *at, size_t size, bool readonly);
void bpfskel_memory_deny(void *at, size_t size);
int bpfskel_map_set_value_size(struct bpf_map *map, uint32_t size, struct bpfskel_log *log);
int bpfskel_map_set_initial_value(struct bpf_map *map, const uint8_t *data, size_t size);
/* Like bpf_map__initial_value, but *size is never more than the size of the memory:
 * the value of a struct_ops map grows at load, its memory does not. */
void *bpfskel_map_initial_value(const struct bpf_map *map, const struct bpf_object *obj,
				size_t *size);
int bpfskel_map_reuse_fd(struct bpf_map *map, int fd, struct bpfskel_log *log);
int bpfskel_map_set_inner_fd(struct bpf_map *map, int fd, struct bpfskel_log *log);

#endif
