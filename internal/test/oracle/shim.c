// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <string.h>
#include "shim.h"

int bpfskel_oracle_map_elem(int op, int fd, const uint8_t *key, const uint8_t *value, uint64_t flags)
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

int bpfskel_oracle_map_batch(int op, int fd, const uint8_t *in, const uint8_t *out, const uint8_t *keys,
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

/* Reports whether the kernel accepts BTF for a type of map, as in libbpf's own loader. */
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

int bpfskel_oracle_map_create(const struct bpfskel_oracle_new_map *m)
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
	fd = bpf_map_create(m->type, m->name, m->key_size, m->value_size, m->max_entries, &opts);
	if (fd < 0 && typed) {
		opts.btf_fd = opts.btf_key_type_id = opts.btf_value_type_id = 0;
		fd = bpf_map_create(m->type, m->name, m->key_size, m->value_size, m->max_entries, &opts);
	}
	return fd;
}

static int prog_run(int fd, struct bpfskel_oracle_run *run, const uint8_t *data, const uint8_t *data_out,
		    const uint8_t *ctx, const uint8_t *ctx_out)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts,
		.data_in = data,
		.data_out = (void *)data_out,
		.data_size_in = run->data_size,
		.data_size_out = run->data_out_size,
		.ctx_in = ctx,
		.ctx_out = (void *)ctx_out,
		.ctx_size_in = run->ctx_size,
		.ctx_size_out = run->ctx_out_size,
		.repeat = run->repeat,
		.flags = run->flags,
		.cpu = run->cpu,
		.batch_size = run->batch_size,
	);
	int err = bpf_prog_test_run_opts(fd, &opts);

	if (err == -EINTR)
		return err;
	run->data_out_size = opts.data_size_out;
	run->ctx_out_size = opts.ctx_size_out;
	run->retval = opts.retval;
	run->duration = opts.duration;
	return err;
}

int bpfskel_oracle_prog_run(int fd, struct bpfskel_oracle_run *run, const uint8_t *data, const uint8_t *data_out,
		     const uint8_t *ctx, const uint8_t *ctx_out)
{
	int err, tries = 0;

	do {
		err = prog_run(fd, run, data, data_out, ctx, ctx_out);
	} while (err == -EINTR && ++tries < 10);
	return err;
}

int bpfskel_oracle_prog_info(int fd, struct bpf_prog_info *info, const uint8_t *map_ids,
		      uint32_t max_maps)
{
	uint32_t size = sizeof(*info);

	*info = (struct bpf_prog_info){
		.map_ids = (uintptr_t)map_ids,
		.nr_map_ids = map_ids ? max_maps : 0,
	};
	return bpf_prog_get_info_by_fd(fd, info, &size);
}

bool bpfskel_oracle_prog_gpl(const struct bpf_prog_info *info)
{
	return info->gpl_compatible;
}

/* Ask the kernel for the name in the link's info, which depends on the link's type. */
static int link_name(int fd, struct bpf_link_info *info, char *name, uint32_t room)
{
	uint64_t at = (uintptr_t)name;
	uint32_t size = sizeof(*info);

	switch (info->type) {
	case BPF_LINK_TYPE_RAW_TRACEPOINT:
		info->raw_tracepoint.tp_name = at;
		info->raw_tracepoint.tp_name_len = room;
		break;
	case BPF_LINK_TYPE_ITER:
		info->iter.target_name = at;
		info->iter.target_name_len = room;
		break;
	case BPF_LINK_TYPE_PERF_EVENT:
		/* All members of the union have the name at the same offset,
		 * except the event without a name. */
		if (info->perf_event.type == BPF_PERF_EVENT_EVENT)
			return 0;
		info->perf_event.tracepoint.tp_name = at;
		info->perf_event.tracepoint.name_len = room;
		break;
	case BPF_LINK_TYPE_UPROBE_MULTI:
		info->uprobe_multi.path = at;
		info->uprobe_multi.path_size = room;
		info->uprobe_multi.count = 0;
		break;
	default:
		return 0;
	}
	return bpf_link_get_info_by_fd(fd, info, &size);
}

static uint64_t perf_cookie(const struct bpf_link_info *info)
{
	switch (info->perf_event.type) {
	case BPF_PERF_EVENT_UPROBE:
	case BPF_PERF_EVENT_URETPROBE:
		return info->perf_event.uprobe.cookie;
	case BPF_PERF_EVENT_KPROBE:
	case BPF_PERF_EVENT_KRETPROBE:
		return info->perf_event.kprobe.cookie;
	case BPF_PERF_EVENT_TRACEPOINT:
		return info->perf_event.tracepoint.cookie;
	case BPF_PERF_EVENT_EVENT:
		return info->perf_event.event.cookie;
	}
	return 0;
}

static void take_info(const struct bpf_link_info *info, struct bpfskel_oracle_link_info *out)
{
	switch (info->type) {
	case BPF_LINK_TYPE_TRACING:
		out->attach_type = info->tracing.attach_type;
		out->target_obj = info->tracing.target_obj_id;
		out->target_btf = info->tracing.target_btf_id;
		break;
	case BPF_LINK_TYPE_CGROUP:
		out->cgroup_id = info->cgroup.cgroup_id;
		out->attach_type = info->cgroup.attach_type;
		break;
	case BPF_LINK_TYPE_ITER:
		out->map_id = info->iter.map.map_id;
		break;
	case BPF_LINK_TYPE_NETNS:
		out->netns = info->netns.netns_ino;
		out->attach_type = info->netns.attach_type;
		break;
	case BPF_LINK_TYPE_XDP:
		out->ifindex = info->xdp.ifindex;
		break;
	case BPF_LINK_TYPE_TCX:
		out->ifindex = info->tcx.ifindex;
		out->attach_type = info->tcx.attach_type;
		break;
	case BPF_LINK_TYPE_NETKIT:
		out->ifindex = info->netkit.ifindex;
		out->attach_type = info->netkit.attach_type;
		break;
	case BPF_LINK_TYPE_SOCKMAP:
		out->map_id = info->sockmap.map_id;
		out->attach_type = info->sockmap.attach_type;
		break;
	case BPF_LINK_TYPE_STRUCT_OPS:
		out->map_id = info->struct_ops.map_id;
		break;
	case BPF_LINK_TYPE_PERF_EVENT:
		out->cookie = perf_cookie(info);
		break;
	}
}

int bpfskel_oracle_link_info(int fd, struct bpfskel_oracle_link_info *out)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);
	int err = bpf_link_get_info_by_fd(fd, &info, &size);

	if (err)
		return err;
	memset(out, 0, sizeof(*out));
	/* A name that does not fit is cut, and ENOSPC. */
	err = link_name(fd, &info, out->name, sizeof(out->name));
	if (err && err != -ENOSPC)
		return err;
	out->type = info.type;
	out->id = info.id;
	out->prog_id = info.prog_id;
	take_info(&info, out);
	return 0;
}

int bpfskel_oracle_map_info(int fd, struct bpf_map_info *info)
{
	uint32_t size = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return bpf_map_get_info_by_fd(fd, info, &size);
}

