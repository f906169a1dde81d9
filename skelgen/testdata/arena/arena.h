// What a user of the skeleton declares too.
#include <linux/types.h>

#ifdef __bpf__
#define __arena __attribute__((address_space(1)))
#else
#define __arena
#endif

struct node {
	struct node __arena *next;
	__u64 value;
};
