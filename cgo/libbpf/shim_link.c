// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "shim_prog.h"

/* The result of a call that returns NULL and sets errno. */
static int link_result(struct bpf_link *link)
{
	return link ? 0 : errno ? -errno : -EINVAL;
}

int bpfskel_map_attach_struct_ops(struct bpf_map *map, struct bpf_link **link,
				  struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	*link = bpf_map__attach_struct_ops(map);
	err = link_result(*link);
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
		/* The event's own fd, which libbpf does not expose, stays open until
		 * the process ends. */
		close(bpf_link__fd(link));
		bpf_link__disconnect(link);
	}
	err = bpf_link__destroy(link);
	bpfskel_call_end(log);
	return err;
}

