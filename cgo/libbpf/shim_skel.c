// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "shim_skel.h"

struct bpfskel_owner *bpfskel_skeleton_new(const void *elf, size_t size, int maps, int progs)
{
	struct bpfskel_owner *o = calloc(1, sizeof(*o) + maps * sizeof(*o->maps) +
					    progs * sizeof(*o->progs));
	struct bpf_object_skeleton *s = calloc(1, sizeof(*s));

	if (!o || !s)
		goto no_memory;
	s->maps = calloc(maps ?: 1, sizeof(*s->maps));
	s->progs = calloc(progs ?: 1, sizeof(*s->progs));
	if (!s->maps || !s->progs)
		goto no_memory;
	o->skeleton = s;
	o->maps = (void *)(o + 1);
	o->progs = (void *)(o->maps + maps);
	s->sz = sizeof(*s);
	s->obj = &o->obj;
	s->data = elf;
	s->data_sz = size;
	s->map_cnt = maps;
	s->map_skel_sz = sizeof(*s->maps);
	s->prog_cnt = progs;
	s->prog_skel_sz = sizeof(*s->progs);
	return o;

no_memory:
	if (s) {
		free(s->maps);
		free(s->progs);
	}
	free(s);
	free(o);
	return NULL;
}

void bpfskel_skeleton_set_map(struct bpfskel_owner *o, int i, const char *name, bool memory, bool link)
{
	struct bpf_map_skeleton *m = &o->skeleton->maps[i];

	m->name = name;
	m->map = &o->maps[i].map;
	if (memory)
		m->mmaped = &o->maps[i].memory;
	if (link)
		m->link = &o->maps[i].link;
}

void bpfskel_skeleton_set_program(struct bpfskel_owner *o, int i, const char *name)
{
	struct bpf_prog_skeleton *p = &o->skeleton->progs[i];

	p->name = name;
	p->prog = &o->progs[i].prog;
	p->link = &o->progs[i].link;
}

int bpfskel_skeleton_open(struct bpf_object_skeleton *s, const struct bpfskel_open_opts *o,
			  struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts,
		.btf_custom_path = o->btf_custom_path,
		.kconfig = o->kconfig,
		.pin_root_path = o->pin_root_path,
		.bpf_token_path = o->bpf_token_path,
		.kernel_log_buf = o->log_buf,
		.kernel_log_size = o->log_size,
		.kernel_log_level = o->log_level,
		.relaxed_maps = o->relaxed_maps,
	);
	int err;

	bpfskel_call_begin(log);
	err = bpf_object__open_skeleton(s, &opts);
	bpfskel_call_end(log);
	return err;
}

/* A section's map is called after the object, whose name may be another here; its
 * section's name, which libbpf takes too, begins with the dot. */
static struct bpf_map *find_map(struct bpf_object *obj, const char *name)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, name);
	const char *section = strchr(name, '.');

	return map || !section ? map : bpf_object__find_map_by_name(obj, section);
}

static int borrow(struct bpf_object_skeleton *s, struct bpf_object *obj)
{
	struct bpf_map_skeleton *m;
	struct bpf_prog_skeleton *p;
	size_t size;
	int i;

	for (i = 0; i < s->map_cnt; i++) {
		m = (void *)((char *)s->maps + (size_t)i * s->map_skel_sz);
		*m->map = find_map(obj, m->name);
		if (!*m->map)
			return -ESRCH;
		if (m->mmaped)
			*m->mmaped = bpf_map__initial_value(*m->map, &size);
	}
	for (i = 0; i < s->prog_cnt; i++) {
		p = (void *)((char *)s->progs + (size_t)i * s->prog_skel_sz);
		*p->prog = bpf_object__find_program_by_name(obj, p->name);
		if (!*p->prog)
			return -ESRCH;
	}
	return 0;
}

int bpfskel_skeleton_borrow(struct bpf_object_skeleton *s, struct bpf_object *obj,
			    struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = borrow(s, obj);
	bpfskel_call_end(log);
	*s->obj = obj;
	return err;
}

/* bpf_object__attach_skeleton stops at the first failure without saying where.
 * Given a skeleton of one program or map it says it. */
static int attach_one(struct bpf_object_skeleton *one)
{
	int err, tries = 0;

	do {
		err = bpf_object__attach_skeleton(one);
	} while (err == -EINTR && ++tries < BPFSKEL_ATTEMPTS);
	return err;
}

int bpfskel_skeleton_attach_progs(struct bpf_object_skeleton *s, int first, int count,
				  int *failed, struct bpfskel_log *log)
{
	struct bpf_object_skeleton one = *s;
	int i, err = 0;

	one.map_cnt = 0;
	one.prog_cnt = 1;
	bpfskel_call_begin(log);
	for (i = first; i < first + count && !err; i++) {
		one.progs = (void *)((char *)s->progs + (size_t)i * s->prog_skel_sz);
		err = attach_one(&one);
		*failed = i;
	}
	bpfskel_call_end(log);
	return err;
}

int bpfskel_skeleton_attach_maps(struct bpf_object_skeleton *s, int first, int count,
				 int *failed, struct bpfskel_log *log)
{
	struct bpf_object_skeleton one = *s;
	int i, err = 0;

	one.prog_cnt = 0;
	one.map_cnt = 1;
	bpfskel_call_begin(log);
	for (i = first; i < first + count && !err; i++) {
		one.maps = (void *)((char *)s->maps + (size_t)i * s->map_skel_sz);
		err = attach_one(&one);
		*failed = i;
	}
	bpfskel_call_end(log);
	return err;
}

void bpfskel_skeleton_destroy(struct bpf_object_skeleton *s, struct bpfskel_log *log)
{
	bpfskel_call_begin(log);
	bpf_object__destroy_skeleton(s);
	bpfskel_call_end(log);
}

int bpfskel_map_set_value_size(struct bpf_map *map, uint32_t size, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_map__set_value_size(map, size);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_map_set_initial_value(struct bpf_map *map, const uint8_t *data, size_t size)
{
	return bpf_map__set_initial_value(map, data, size);
}

void *bpfskel_map_initial_value(const struct bpf_map *map, const struct bpf_object *obj,
				size_t *size)
{
	void *at = bpf_map__initial_value(map, size);
	const struct btf *btf = bpf_object__btf(obj);
	__s64 have;

	if (at && bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS) {
		have = btf ? btf__resolve_size(btf, bpf_map__btf_value_type_id(map)) : 0;
		if (have < 0)
			have = 0;
		if (*size > (size_t)have)
			*size = have;
	}
	return at;
}

int bpfskel_map_reuse_fd(struct bpf_map *map, int fd, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_map__reuse_fd(map, fd);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_map_elem(int op, int fd, const uint8_t *key, const uint8_t *value, uint64_t flags)
{
	switch (op) {
	case BPF_MAP_LOOKUP_ELEM:
		return bpf_map_lookup_elem_flags(fd, key, (void *)value, flags);
	case BPF_MAP_UPDATE_ELEM:
		return bpf_map_update_elem(fd, key, value, flags);
	case BPF_MAP_DELETE_ELEM:
		return bpf_map_delete_elem_flags(fd, key, flags);
	case BPF_MAP_GET_NEXT_KEY:
		return bpf_map_get_next_key(fd, key, (void *)value);
	case BPF_MAP_LOOKUP_AND_DELETE_ELEM:
		return bpf_map_lookup_and_delete_elem_flags(fd, key, (void *)value, flags);
	}
	return -EINVAL;
}

int bpfskel_map_batch(int op, int fd, const uint8_t *in, const uint8_t *out, const uint8_t *keys,
		      const uint8_t *values, uint32_t *count, uint64_t flags)
{
	LIBBPF_OPTS(bpf_map_batch_opts, opts, .elem_flags = flags);

	switch (op) {
	case BPF_MAP_LOOKUP_BATCH:
		return bpf_map_lookup_batch(fd, (void *)in, (void *)out, (void *)keys,
					    (void *)values, count, &opts);
	case BPF_MAP_LOOKUP_AND_DELETE_BATCH:
		return bpf_map_lookup_and_delete_batch(fd, (void *)in, (void *)out, (void *)keys,
						       (void *)values, count, &opts);
	case BPF_MAP_UPDATE_BATCH:
		return bpf_map_update_batch(fd, keys, values, count, &opts);
	case BPF_MAP_DELETE_BATCH:
		return bpf_map_delete_batch(fd, keys, count, &opts);
	}
	return -EINVAL;
}

/* Kinds of map that the kernel takes no BTF for, as in libbpf's own loader. */
static bool takes_btf(uint32_t type)
{
	switch (type) {
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_CGROUP_ARRAY:
	case BPF_MAP_TYPE_STACK_TRACE:
	case BPF_MAP_TYPE_ARRAY_OF_MAPS:
	case BPF_MAP_TYPE_HASH_OF_MAPS:
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
	case BPF_MAP_TYPE_XSKMAP:
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_QUEUE:
	case BPF_MAP_TYPE_STACK:
		return false;
	}
	return true;
}

int bpfskel_map_create(const struct bpfskel_new_map *m, struct bpfskel_log *log)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts,
		.map_flags = m->flags,
		.numa_node = m->numa_node,
		.map_ifindex = m->ifindex,
		.map_extra = m->extra,
	);
	bool typed = takes_btf(m->type) && m->btf_fd > 0 && (m->key_type || m->value_type);
	int fd;

	if (typed) {
		opts.btf_fd = m->btf_fd;
		opts.btf_key_type_id = m->key_type;
		opts.btf_value_type_id = m->value_type;
	}
	bpfskel_call_begin(log);
	fd = bpf_map_create(m->type, m->name, m->key_size, m->value_size, m->max_entries, &opts);
	if (fd < 0 && typed) {
		opts.btf_fd = opts.btf_key_type_id = opts.btf_value_type_id = 0;
		fd = bpf_map_create(m->type, m->name, m->key_size, m->value_size, m->max_entries, &opts);
	}
	bpfskel_call_end(log);
	return fd;
}

int bpfskel_map_set_inner_fd(struct bpf_map *map, int fd, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_map__set_inner_map_fd(map, fd);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_map_pin(struct bpf_map *map, const char *path, struct bpfskel_log *log)
{
	bool had_path = bpf_map__pin_path(map);
	int err;

	bpfskel_call_begin(log);
	err = bpf_map__pin(map, path);
	/* libbpf keeps the path that failed, and refuses every other one then. */
	if (err && !had_path)
		bpf_map__set_pin_path(map, NULL);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_map_unpin(struct bpf_map *map, const char *path, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_map__unpin(map, path);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_info_size(int fd)
{
	char room[1024] = { 0 };
	uint32_t size = sizeof(room);
	int err = bpf_obj_get_info_by_fd(fd, room, &size);

	return err ? err : (int)size;
}

int bpfskel_num_possible_cpus(struct bpfskel_log *log)
{
	int n;

	bpfskel_call_begin(log);
	n = libbpf_num_possible_cpus();
	bpfskel_call_end(log);
	return n;
}
