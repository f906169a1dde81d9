// SPDX-License-Identifier: LGPL-2.1 OR BSD-2-Clause
// A program for uprobes and a USDT: target N calls its functions N times, and says
// what its semaphores were meanwhile.
#include <stdio.h>
#include <stdlib.h>

/* Counted up by the kernel while somebody watches. */
__attribute__((used, section(".probes"))) volatile unsigned short probe_semaphore;
__attribute__((used, section(".probes"))) volatile unsigned short own_semaphore;

__attribute__((noinline)) int target_one(int n)
{
	__asm__ volatile("" ::: "memory");
	return n + 1;
}

__attribute__((noinline)) int target_two(int n)
{
	__asm__ volatile("" ::: "memory");
	return n + 2;
}

/* bpfskel:probe, whose only argument is always -42, as a note in the file. */
static void probe(void)
{
	__asm__ volatile(
		"990: nop\n"
		".pushsection .note.stapsdt, \"\", \"note\"\n"
		".balign 4\n"
		".4byte 992f - 991f, 994f - 993f, 3\n"
		"991: .asciz \"stapsdt\"\n"
		"992: .balign 4\n"
		"993: .8byte 990b, sdt_base, probe_semaphore\n"
		".asciz \"bpfskel\"\n"
		".asciz \"probe\"\n"
		".asciz \"-4@$-42\"\n"
		"994: .balign 4\n"
		".popsection\n"
		".pushsection .stapsdt.base, \"a\", \"progbits\"\n"
		"sdt_base: .space 1\n"
		".popsection\n");
}

int main(int argc, char **argv)
{
	int i, n = argc > 1 ? atoi(argv[1]) : 0, sum = 0;

	for (i = 0; i < n; i++) {
		sum += target_one(i) + target_two(i);
		probe();
	}
	printf("%d %d\n", probe_semaphore, own_semaphore);
	return sum < 0;
}
