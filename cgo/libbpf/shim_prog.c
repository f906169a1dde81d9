// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include "shim_prog.h"

int bpfskel_program_set_target(struct bpf_program *prog, int target, const char *function,
			       struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_program__set_attach_target(prog, target, function);
	bpfskel_call_end(log);
	return err;
}

