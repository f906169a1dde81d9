// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include "shim.h"

static int link_files(const char *out, const char *const *in, int count)
{
	struct bpf_linker *linker = bpf_linker__new(out, NULL);
	int i, err = 0;

	if (!linker)
		return -errno;
	for (i = 0; i < count && !err; i++)
		err = bpf_linker__add_file(linker, in[i], NULL);
	if (!err)
		err = bpf_linker__finalize(linker);
	bpf_linker__free(linker);
	return err;
}

int bpfskel_link(const char *out, const char *const *in, int count, struct bpfskel_log *log)
{
	int err;

	bpfskel_capture_begin(log);
	err = link_files(out, in, count);
	bpfskel_capture_end(log);
	return err;
}
