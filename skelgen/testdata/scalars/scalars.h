// What a user of the skeleton declares too.
#include <linux/types.h>

typedef unsigned long size_type;

enum level {
	LEVEL_ERROR = -1,
	LEVEL_WARN,
	LEVEL_INFO = 10,
};

enum big {
	BIG_SMALL = 1,
	BIG_LARGE = 0x100000000ull,
};
