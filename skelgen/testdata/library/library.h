// What a user of the skeleton declares too.
#include <linux/types.h>

struct config {
	__u32 rate;
	char name[8];
};
