// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
#include <errno.h>
#include <pthread.h>
#include "shim.h"

/* Go's run time turns these into panics: a fault inside libbpf must end the
 * program with a traceback, not hang it. sigfillset leaves out the signals that
 * the C library keeps for itself. */
static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };

static void deferrable(sigset_t *set)
{
	size_t i;

	sigfillset(set);
	for (i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(set, faults[i]);
}

void bpfskel_signals_defer(sigset_t *before)
{
	sigset_t set;

	deferrable(&set);
	pthread_sigmask(SIG_BLOCK, &set, before);
}

void bpfskel_signals_restore(const sigset_t *before)
{
	int err = errno;

	pthread_sigmask(SIG_SETMASK, before, NULL);
	errno = err;
}

void bpfskel_call_begin(struct bpfskel_log *log)
{
	bpfskel_capture_begin(log);
	bpfskel_signals_defer(&log->signals);
}

void bpfskel_call_end(struct bpfskel_log *log)
{
	bpfskel_signals_restore(&log->signals);
	bpfskel_capture_end(log);
}
