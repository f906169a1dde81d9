/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Calls of libbpf on plain descriptors. Everything returns 0 or a positive result, or
 * -errno. Bytes are passed as uint8_t, so that Go does not look for pointers around
 * them, and are written to if the operation does. */
#ifndef BPFSKEL_ORACLE_H
#define BPFSKEL_ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* The properties with which a map is created. btf_fd is 0 for a map without BTF. */
struct bpfskel_oracle_new_map {
	const char *name;
	uint32_t type, key_size, value_size, max_entries, flags, numa_node, ifindex;
	uint64_t extra;
	int btf_fd;
	uint32_t key_type, value_type;
};

/* The arguments of bpf_prog_test_run_opts. The sizes of outputs are the sizes of the
 * buffers; the call sets them to the numbers of bytes written. */
struct bpfskel_oracle_run {
	uint32_t data_size, data_out_size, ctx_size, ctx_out_size;
	int32_t repeat;
	uint32_t flags, cpu, batch_size;
	uint32_t retval, duration;
};

/* The kernel's information on a link. Members that its type does not have are 0. name is
 * a function, tracepoint, file or kind of iterator. */
struct bpfskel_oracle_link_info {
	uint32_t type, id, prog_id;
	uint32_t attach_type, ifindex, netns, map_id, target_obj, target_btf;
	uint64_t cgroup_id, cookie;
	char name[512];
};

int bpfskel_oracle_map_elem(int op, int fd, const uint8_t *key, const uint8_t *value, uint64_t flags);
int bpfskel_oracle_map_batch(int op, int fd, const uint8_t *in, const uint8_t *out, const uint8_t *keys,
		      const uint8_t *values, uint32_t *count, uint64_t flags);
int bpfskel_oracle_map_create(const struct bpfskel_oracle_new_map *m);
int bpfskel_oracle_prog_run(int fd, struct bpfskel_oracle_run *run, const uint8_t *data, const uint8_t *data_out,
		     const uint8_t *ctx, const uint8_t *ctx_out);
int bpfskel_oracle_prog_info(int fd, struct bpf_prog_info *info, const uint8_t *map_ids,
		      uint32_t max_maps);
bool bpfskel_oracle_prog_gpl(const struct bpf_prog_info *info);
int bpfskel_oracle_link_info(int fd, struct bpfskel_oracle_link_info *out);
int bpfskel_oracle_map_info(int fd, struct bpf_map_info *info);

#endif
