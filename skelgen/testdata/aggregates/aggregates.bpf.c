// Arrays, structs, unions, bitfields, pointers: what variables are made of.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "aggregates.h"

struct point origin = {1, 2};
struct line line = {{1, 2}, {3, 4}, "diagonal"};
record_t record = {1, 2, 3};
struct packed packed = {1, 2, 3};
struct aligned aligned = {9};
struct flags flags = {.ready = 1, .mode = 5, .size = 0xabcdef, .delta = -3, .wide = 1ull << 39, .after = 7};
union number number = {.real = 1.5f};
struct nested nested = {.v4 = 0x7f000001, .peer = {80, 2}};
struct list head;
struct trailer *frame;
struct event *unused_event;
int matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};
struct point path[4] = {{1, 1}, {2, 2}};
char text[32] = "hello";
__u8 bytes[7] = {1, 2, 3, 4, 5, 6, 7};
enum state states[2] = {STATE_BUSY, STATE_IDLE};
const char *pointers[2];
__int128 huge = 1;
unsigned __int128 huge_unsigned = 2;
int (*function)(int, const char *);
int (*functions[2])(void);
struct {
	int a;
	struct {
		long b;
		char c[3];
	} inner;
} anonymous = {1, {2, "x"}};
union {
	__u64 all;
	__u32 half[2];
} split = {.half = {1, 2}};
enum { ONE = 1, TWO } unnamed = TWO;
struct event last;

const volatile struct point limit = {10, 20};
const volatile char prefix[8] = "/tmp";
const volatile int table[4] = {1, 2, 3, 4};
const volatile record_t fixed[2] = {{1, 2, 3}, {4, 5, 6}};

SEC("raw_tp/sys_enter")
int fill(void *ctx)
{
	last.pid = bpf_get_current_pid_tgid() >> 32;
	last.state = STATE_BUSY;
	last.ok = 1;
	bpf_get_current_comm(last.comm, sizeof(last.comm));
	last.track[0].x = limit.x + table[1] + prefix[0] + (int)fixed[1].id;
	flags.mode = 6;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
