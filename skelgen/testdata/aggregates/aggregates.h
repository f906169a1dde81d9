// What a user of the skeleton declares too.
#include <stdbool.h>
#include <linux/types.h>

struct point {
	int x;
	int y;
};

struct line {
	struct point from, to;
	char label[16];
};

typedef struct {
	__u8 kind;
	__u64 id;
	__u16 tail;
} record_t;

struct packed {
	__u8 first;
	__u32 second;
	__u64 third;
} __attribute__((packed));

struct aligned {
	__u8 value;
} __attribute__((aligned(64)));

struct flags {
	unsigned int ready : 1;
	unsigned int mode : 3;
	unsigned int : 4;
	unsigned int size : 24;
	int delta : 7;
	__u64 wide : 40;
	__u8 after;
};

union number {
	__u32 whole;
	float real;
	__u8 raw[4];
	struct point pair;
};

struct nested {
	union {
		__u32 v4;
		__u8 v6[16];
	};
	struct {
		__u16 port;
		__u16 family;
	} peer;
	union number n;
	struct flags f;
	struct packed p;
};

struct list {
	struct list *next;
	const struct point *where;
	const char *name;
	int (*callback)(struct list *, int);
	void *any;
};

struct empty {};

struct trailer {
	__u32 len;
	__u8 data[];
};

enum state { STATE_IDLE, STATE_BUSY };

struct event {
	__u32 pid;
	enum state state;
	bool ok;
	char comm[16];
	struct point track[3];
};
