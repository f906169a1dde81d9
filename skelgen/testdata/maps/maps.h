// What a user of the skeleton declares too.
#include <linux/types.h>

struct key {
	__u32 pid;
	char comm[16];
};

struct value {
	__u64 count;
	__u64 bytes;
	__u8 last;
};

struct prefix {
	__u32 len;
	__u8 addr[4];
};
