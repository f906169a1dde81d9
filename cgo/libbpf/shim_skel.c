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

/* A section's map is named after the object, which may have another name here. libbpf
 * also finds it by the section's name, which begins with the dot. */
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

/* bpf_object__attach_skeleton stops at the first failure without reporting which it
 * was: so it gets a skeleton of one program or map. */
static int attach_one(struct bpf_object_skeleton *one, struct bpfskel_log *log)
{
	int err, tries = 0;

	bpfskel_call_begin(log);
	do {
		err = bpf_object__attach_skeleton(one);
	} while (err == -EINTR && ++tries < BPFSKEL_ATTEMPTS);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_skeleton_attach_prog(struct bpf_object_skeleton *s, int i, struct bpfskel_log *log)
{
	struct bpf_object_skeleton one = *s;

	one.map_cnt = 0;
	one.prog_cnt = 1;
	one.progs = (void *)((char *)s->progs + (size_t)i * s->prog_skel_sz);
	return attach_one(&one, log);
}

int bpfskel_skeleton_attach_map(struct bpf_object_skeleton *s, int i, struct bpfskel_log *log)
{
	struct bpf_object_skeleton one = *s;

	one.prog_cnt = 0;
	one.map_cnt = 1;
	one.maps = (void *)((char *)s->maps + (size_t)i * s->map_skel_sz);
	return attach_one(&one, log);
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

int bpfskel_map_set_inner_fd(struct bpf_map *map, int fd, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_map__set_inner_map_fd(map, fd);
	bpfskel_call_end(log);
	return err;
}

