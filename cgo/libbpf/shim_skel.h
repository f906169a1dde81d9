/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Skeletons and what is in them. A function that can make libbpf print takes a
 * log, and everything returns 0 or a positive result, or -errno. */
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

/* A skeleton with its places, in one block but for what bpf_object__destroy_skeleton frees. Made for the given object
 * and numbers of maps and programs, whose rows are then set one by one. NULL without memory. */
struct bpfskel_owner {
	struct bpf_object_skeleton *skeleton;
	struct bpf_object *obj;
	struct bpfskel_map_place { struct bpf_map *map; void *memory; struct bpf_link *link; } *maps;
	struct bpfskel_prog_place { struct bpf_program *prog; struct bpf_link *link; } *progs;
};

struct bpfskel_owner *bpfskel_skeleton_new(const void *elf, size_t size, int maps, int progs);
void bpfskel_skeleton_set_map(struct bpfskel_owner *o, int i, const char *name, bool memory, bool link);
void bpfskel_skeleton_set_program(struct bpfskel_owner *o, int i, const char *name);

int bpfskel_skeleton_open(struct bpf_object_skeleton *s, const struct bpfskel_open_opts *o,
			  struct bpfskel_log *log);
/* Takes an object that somebody else has opened, and maybe loaded, instead of the
 * embedded one: fills in its maps and programs by their names. */
int bpfskel_skeleton_borrow(struct bpf_object_skeleton *s, struct bpf_object *obj,
			    struct bpfskel_log *log);
/* *lost says that the object must not be closed: it would unmap memory of others. */
int bpfskel_skeleton_load(struct bpf_object_skeleton *s, bool *lost, struct bpfskel_log *log);

/* Attach what bpf_object__attach_skeleton attaches: of the programs or of the
 * maps, the count from first on. On failure *failed is the index at which it
 * stopped. */
int bpfskel_skeleton_attach_progs(struct bpf_object_skeleton *s, int first, int count,
				  int *failed, struct bpfskel_log *log);
int bpfskel_skeleton_attach_maps(struct bpf_object_skeleton *s, int first, int count,
				 int *failed, struct bpfskel_log *log);
void bpfskel_skeleton_destroy(struct bpf_object_skeleton *s, struct bpfskel_log *log);

/* Put the kernel's map where libbpf left the initial image of a map that it
 * did not create itself (pinned before, or an fd of the caller's). If that fails
 * the image stays; forbid makes it a fault to use it. */
int bpfskel_map_remap(struct bpf_map *map, void *at, size_t size, bool readonly);
void bpfskel_memory_forbid(void *at, size_t size);
int bpfskel_map_set_value_size(struct bpf_map *map, uint32_t size, struct bpfskel_log *log);
int bpfskel_map_set_initial_value(struct bpf_map *map, const uint8_t *data, size_t size);
/* As bpf_map__initial_value, but *size is never more than there is: the value of a
 * struct_ops map grows at load, its memory does not. */
void *bpfskel_map_initial_value(const struct bpf_map *map, const struct bpf_object *obj,
				size_t *size);
int bpfskel_map_reuse_fd(struct bpf_map *map, int fd, struct bpfskel_log *log);

/* Calls on elements. op is one of enum bpf_cmd; value is the next key of
 * BPF_MAP_GET_NEXT_KEY. Bytes are passed as uint8_t, so that Go does not look for
 * pointers around them, and are written to where the operation does. */
int bpfskel_map_elem(int op, int fd, const uint8_t *key, const uint8_t *value, uint64_t flags);
int bpfskel_map_batch(int op, int fd, const uint8_t *in, const uint8_t *out, const uint8_t *keys,
		      const uint8_t *values, uint32_t *count, uint64_t flags);

/* What a map is created with, btf_fd 0 for none. */
struct bpfskel_new_map {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, flags, numa_node, ifindex;
	uint64_t extra;
	int btf_fd;
	uint32_t key_type, value_type;
};

int bpfskel_map_create(const struct bpfskel_new_map *m, struct bpfskel_log *log);
int bpfskel_map_set_inner_fd(struct bpf_map *map, int fd, struct bpfskel_log *log);
int bpfskel_map_pin(struct bpf_map *map, const char *path, struct bpfskel_log *log);
int bpfskel_map_unpin(struct bpf_map *map, const char *path, struct bpfskel_log *log);

/* How many bytes the kernel has to say of a BPF object of any kind. */
int bpfskel_info_size(int fd);

int bpfskel_num_possible_cpus(struct bpfskel_log *log);

#endif
