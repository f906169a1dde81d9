/* What the test programs share: a check that says which one failed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

#define CHECK(condition)                                                              \
	do {                                                                          \
		if (!(condition)) {                                                   \
			fprintf(stderr, "line %d: not true: %s\n", __LINE__, #condition); \
			exit(1);                                                      \
		}                                                                     \
	} while (0)

#define LIBBPF_AT_LEAST(minor) (LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= (minor))

/* A system call that the programs see. */
static inline void work(void)
{
	for (int i = 0; i < 100; i++)
		syscall(SYS_getpid);
}
