// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "shim_prog.h"

/* The result of a call that returns NULL and sets errno. */
static int linked(struct bpf_link *link)
{
	return link ? 0 : errno ? -errno : -EINVAL;
}

int bpfskel_map_attach_struct_ops(struct bpf_map *map, struct bpf_link **link,
				  struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	*link = bpf_map__attach_struct_ops(map);
	err = linked(*link);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_link_open(const char *path, struct bpf_link **link, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	*link = bpf_link__open(path);
	err = linked(*link);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_link_update_map(struct bpf_link *link, const struct bpf_map *map,
			    struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_link__update_map(link, map);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_link_pin(struct bpf_link *link, const char *path, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_link__pin(link, path);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_link_unpin(struct bpf_link *link, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_link__unpin(link);
	bpfskel_call_end(log);
	return err;
}

/* libbpf disables a perf event with its link, although a pin holds the link. */
static bool pinned_perf_event(const struct bpf_link *link)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);

	return bpf_link__pin_path(link) &&
	       !bpf_link_get_info_by_fd(bpf_link__fd(link), &info, &size) &&
	       info.type == BPF_LINK_TYPE_PERF_EVENT;
}

int bpfskel_link_destroy(struct bpf_link *link, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	if (pinned_perf_event(link)) {
		/* The event's own fd, which libbpf gives to nobody, stays open
		 * until the process ends. */
		close(bpf_link__fd(link));
		bpf_link__disconnect(link);
	}
	err = bpf_link__destroy(link);
	bpfskel_call_end(log);
	return err;
}

/* Ask the kernel for the name that goes with the link's type. */
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
		/* The same place in all members of the union but that of an
		 * event without a name. */
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

static void take_info(const struct bpf_link_info *info, struct bpfskel_link_info *out)
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

int bpfskel_link_info(int fd, struct bpfskel_link_info *out)
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
