// Gaps between variables of different alignment, some of them asked for.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "padding.h"

char one = 1;
long eight = 2;
char three[3] = {1, 2, 3};
short two = 3;
struct narrow narrow = {{4, 5, 6}};
struct wide wide = {7};
struct tight tight = {8, 9};
int four = 10;
char lone __attribute__((aligned(64))) = 11;
int far __attribute__((aligned(128))) = 12;
char *pointer = (void *)13;
char last = 14;
double real = 1.5;
__int128 huge = 15;

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	return one + eight + three[0] + two + wide.value + four + lone + far + last;
}

char LICENSE[] SEC("license") = "GPL";
