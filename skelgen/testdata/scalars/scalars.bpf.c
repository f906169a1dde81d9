// Every scalar that C has, in each of the three plain data sections.
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "scalars.h"

bool enabled = true;
char letter = 'x';
signed char small = -1;
unsigned char byte = 0xff;
short s16 = -16;
unsigned short u16 = 16;
int s32 = -32;
unsigned int u32 = 32;
long s64 = -64;
unsigned long u64 = 64;
long long s64_long = -640;
unsigned long long u64_long = 640;
__u64 counter = 1;
size_type bytes = 4096;
float ratio = 0.5;
double share = 0.25;
enum level level = LEVEL_WARN;
enum big big = BIG_LARGE;
enum level *nowhere = (void *)1;

const volatile int filter = 7;
const volatile bool verbose = false;
const volatile __u64 threshold = 1000000;
const volatile enum level lowest = LEVEL_ERROR;

volatile __u64 hits;
__u32 last_cpu;
bool seen;
enum level worst;

SEC("raw_tp/sys_enter")
int count(void *ctx)
{
	if (!enabled || filter < 0)
		return 0;
	last_cpu = bpf_get_smp_processor_id();
	seen = true;
	worst = level;
	__sync_fetch_and_add(&hits, 1);
	return verbose + (threshold > counter) + (lowest > worst);
}

char LICENSE[] SEC("license") = "GPL";
