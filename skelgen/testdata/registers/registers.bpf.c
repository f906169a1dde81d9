// A program that reads registers, which are those of amd64 whatever compiles this.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8;
	unsigned long ax, cx, dx, si, di, orig_ax, ip, cs, flags, sp, ss;
};

__u64 first_argument;

SEC("kprobe/vfs_open")
int on_open(struct pt_regs *regs)
{
	first_argument = regs->di;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
