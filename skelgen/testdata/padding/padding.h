// What a user of the skeleton declares too.
#include <linux/types.h>

struct wide {
	__u64 value;
};

struct narrow {
	__u8 value[3];
};

struct tight {
	__u8 kind;
	__u64 value;
} __attribute__((packed));
