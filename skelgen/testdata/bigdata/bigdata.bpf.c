// Data of any size: what is zero costs nothing in the object.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char zeroes[16 << 20];
int table[8192] = {[1] = 1, [8191] = 2};
const volatile char text[1 << 12] = "big";

SEC("raw_tp/sys_enter")
int run(void *ctx)
{
	zeroes[12345678] = text[2];
	return table[8191];
}

char LICENSE[] SEC("license") = "GPL";
