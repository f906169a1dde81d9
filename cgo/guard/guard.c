// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* A crash of a C library must not become a Go traceback. Before Go's run time
 * starts, this constructor forks: the child goes on to be the program, and the
 * parent only waits for it. Forking here costs a tenth of starting the program
 * a second time, and is safe, since the process has one thread. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guard.h"

/* Shared by the two processes: what the child is doing, "" outside of enter and
 * leave, and the signal by which the work itself failed, 0 for none. */
static struct shared {
	char what[4096];
	unsigned int limit;
	volatile sig_atomic_t crash;
} *shared;

/* The limit is one of CPU time, so that a stopped process or a busy machine does
 * not count. */
#define SIGLIMIT SIGPROF

static const int fatal[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGLIMIT };
#define NFATAL (sizeof(fatal) / sizeof(fatal[0]))
static struct sigaction before[NFATAL];

/* The same signals may also be sent by others, which says nothing about the work. */
static void crashed(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code > 0 || info->si_pid == getpid())
		shared->crash = sig;
	/* SA_RESETHAND: this ends the process, when the handler returns at the
	 * latest. */
	raise(sig);
}

static void limit_cpu(unsigned int seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	setitimer(ITIMER_PROF, &timer, NULL);
}

void bpfskel_guard_enter(const char *what, unsigned int limit)
{
	/* On the stack that Go has for handlers: the usual one may have overflowed. */
	struct sigaction act = { .sa_sigaction = crashed, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND };
	struct rlimit no_core = { 0, 0 };

	if (!shared)
		return;
	setrlimit(RLIMIT_CORE, &no_core);
	snprintf(shared->what, sizeof(shared->what), "%s", what);
	shared->limit = limit;
	for (size_t i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &act, &before[i]);
	limit_cpu(limit);
}

void bpfskel_guard_leave(void)
{
	if (!shared)
		return;
	limit_cpu(0);
	for (size_t i = 0; i < NFATAL; i++)
		sigaction(fatal[i], &before[i], NULL);
	shared->what[0] = '\0';
}

static pid_t child;

static void forward(int sig)
{
	kill(child, sig);
}

/* The guard dies as its child did, so that a shell sees the same. */
static void die_of(int sig)
{
	struct rlimit no_core = { 0, 0 };
	sigset_t set;

	setrlimit(RLIMIT_CORE, &no_core); /* the child has dumped its own */
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(sig);
	_exit(128 + sig);
}

static void report(int sig)
{
	char line[sizeof(shared->what) + 256];
	int n;

	shared->what[sizeof(shared->what) - 1] = '\0';
	if (sig == SIGLIMIT)
		n = snprintf(line, sizeof(line), "%s: libbpf did not finish within %u s of CPU time: the object is damaged\n",
			     shared->what, shared->limit);
	else
		n = snprintf(line, sizeof(line), "%s: libbpf crashed (signal %d, %s): the object is damaged\n",
			     shared->what, sig, strsignal(sig));
	if (n > 0 && write(STDERR_FILENO, line, n) < 0)
		_exit(2);
}

static void watch(void)
{
	/* Stop signals are not caught: they stop both, if sent to the job. */
	static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT };
	struct sigaction act = { .sa_handler = forward, .sa_flags = SA_RESTART }, old;
	int status;

	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)
		if (!sigaction(passed_on[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(passed_on[i], &act, NULL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			_exit(1);
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	if (shared->what[0] && shared->crash == WTERMSIG(status)) {
		report(WTERMSIG(status));
		_exit(1);
	}
	die_of(WTERMSIG(status));
}

__attribute__((constructor)) static void bpfskel_guard_start(void)
{
	pid_t parent = getpid();
	void *page = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	/* Without memory or processes to spare the program runs unguarded. */
	if (page == MAP_FAILED)
		return;
	shared = page;
	/* Where a parent ignores SIGCHLD, there would be no status to wait for. */
	signal(SIGCHLD, SIG_DFL);
	child = fork();
	if (child > 0) {
		watch();
	} else if (child < 0) {
		shared = NULL;
		munmap(page, sizeof(*shared));
	} else {
		/* A child whose guard was killed has nobody to report to. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
}
