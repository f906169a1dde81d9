// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include "shim.h"

int bpfskel_loader_open(struct bpf_object **obj, const uint8_t *data, size_t size, const char *name,
			const char *kconfig, struct bpfskel_log *log)
{
	/* An empty path keeps a token that this machine delegates out of the loader. */
	LIBBPF_OPTS(bpf_object_open_opts, opts,
		.object_name = name,
		.kconfig = kconfig,
		.bpf_token_path = "",
	);
	int err = 0;

	bpfskel_capture_begin(log);
	*obj = bpf_object__open_mem(data, size, &opts);
	if (!*obj)
		err = errno ? -errno : -EINVAL;
	bpfskel_capture_end(log);
	return err;
}

int bpfskel_loader_write(struct bpf_object *obj, struct bpfskel_loader *out, struct bpfskel_log *log)
{
	LIBBPF_OPTS(gen_loader_opts, opts);
	int err;

	bpfskel_capture_begin(log);
	err = bpf_object__gen_loader(obj, &opts);
	if (!err)
		err = bpf_object__load(obj);
	bpfskel_capture_end(log);
	if (err)
		return err;
	*out = (struct bpfskel_loader){ .insns = opts.insns, .insns_size = opts.insns_sz,
					.blob = opts.data, .blob_size = opts.data_sz };
	return 0;
}
