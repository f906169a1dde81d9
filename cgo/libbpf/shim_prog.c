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

int bpfskel_program_pin(struct bpf_program *prog, const char *path, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_program__pin(prog, path);
	bpfskel_call_end(log);
	return err;
}

int bpfskel_program_unpin(struct bpf_program *prog, const char *path, struct bpfskel_log *log)
{
	int err;

	bpfskel_call_begin(log);
	err = bpf_program__unpin(prog, path);
	bpfskel_call_end(log);
	return err;
}

static int prog_run(int fd, struct bpfskel_run *run, const uint8_t *data, const uint8_t *data_out,
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

int bpfskel_prog_run(int fd, struct bpfskel_run *run, const uint8_t *data, const uint8_t *data_out,
		     const uint8_t *ctx, const uint8_t *ctx_out)
{
	sigset_t before;
	int err, tries = 0;

	bpfskel_signals_defer(&before);
	do {
		err = prog_run(fd, run, data, data_out, ctx, ctx_out);
	} while (err == -EINTR && ++tries < BPFSKEL_ATTEMPTS);
	bpfskel_signals_restore(&before);
	return err;
}

int bpfskel_prog_info(int fd, struct bpf_prog_info *info, const uint8_t *map_ids,
		      uint32_t max_maps)
{
	uint32_t size = sizeof(*info);

	*info = (struct bpf_prog_info){
		.map_ids = (uintptr_t)map_ids,
		.nr_map_ids = map_ids ? max_maps : 0,
	};
	return bpf_prog_get_info_by_fd(fd, info, &size);
}

bool bpfskel_prog_gpl(const struct bpf_prog_info *info)
{
	return info->gpl_compatible;
}
