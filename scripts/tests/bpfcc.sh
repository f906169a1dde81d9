#!/bin/bash
# bpfcc.sh: objects that depend on source and compiler alone.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bpfcc() { run sh "$scripts/bpfcc.sh" "$@"; }

program() {
	mkdir -p "$(dirname "$1")"
	cat > "$1" <<-'END'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		#include "shared.h"
		int hits;
		SEC("raw_tp/sys_enter") int count(void *ctx) { hits += twice(2); return 0; }
		char LICENSE[] SEC("license") = "GPL";
	END
	echo 'static __always_inline int twice(int n) { return 2 * n * PLUS; }' > "$(dirname "$1")/shared.h"
}

test_the_same_bytes_from_every_folder_and_no_path_inside() {
	program one/x.bpf.c
	program two/deep/x.bpf.c
	bpfcc one/x.bpf.c one/x.bpf.o -DPLUS=1
	expect_status 0
	(cd two/deep && sh "$scripts/bpfcc.sh" x.bpf.c ../out/x.bpf.o -DPLUS=1)
	cmp one/x.bpf.o two/out/x.bpf.o || fail "the objects of two folders differ"
	! strings -a one/x.bpf.o | grep -F -e "$tmp" -e "$root" || fail "a path of this machine is in the object"
}

test_it_has_btf_and_no_dwarf() {
	program x.bpf.c
	bpfcc x.bpf.c x.bpf.o -DPLUS=1
	expect_status 0
	strings -a x.bpf.o > text
	grep -q '^\.BTF$\|^\.rel\.BTF' text || fail "no BTF"
	! grep -q debug_info text || fail "DWARF is still there"
}

test_an_error_leaves_the_old_object() {
	program x.bpf.c
	bpfcc x.bpf.c x.bpf.o -DPLUS=1
	cp x.bpf.o before
	echo 'not C' >> x.bpf.c
	bpfcc x.bpf.c x.bpf.o -DPLUS=1
	expect_status 1
	expect_match "$err" '*x.bpf.c:*error:*'
	cmp x.bpf.o before || fail "the object changed"
	expect_equal "$(find . -name '.x*')" ""
}

test_the_same_object_keeps_its_time() {
	program x.bpf.c
	bpfcc x.bpf.c x.bpf.o -DPLUS=1
	touch -d '2020-01-01' x.bpf.o
	bpfcc x.bpf.c x.bpf.o -DPLUS=1
	expect_equal "$(date -r x.bpf.o +%Y)" 2020
	bpfcc x.bpf.c x.bpf.o -DPLUS=3
	[ "$(date -r x.bpf.o +%Y)" != 2020 ] || fail "a change was not written"
}

test_the_architecture_is_the_targets() {
	for arch in amd64:x86 arm64:arm64 s390x:s390 riscv64:riscv ppc64le:powerpc; do
		printf '#include <linux/types.h>\n#ifndef __TARGET_ARCH_%s\n#error wrong\n#endif\n' "${arch#*:}" > x.bpf.c
		bpfcc --goarch "${arch%:*}" x.bpf.c x.bpf.o
		expect_status 0
	done
	for arch in amd64:LSB arm64:LSB s390x:MSB ppc64:MSB ppc64le:LSB mips:MSB mipsle:LSB; do
		echo 'int x;' > x.bpf.c
		bpfcc --goarch "${arch%:*}" x.bpf.c x.bpf.o
		expect_status 0
		order=$(od -An -tx1 -j5 -N1 x.bpf.o | tr -d ' ')
		case ${arch#*:}$order in LSB01 | MSB02) ;; *) fail "$arch: byte order $order" ;; esac
	done
	echo '#include "vmlinux.h"' > x.bpf.c
	bpfcc --goarch s390x x.bpf.c x.bpf.o
	expect_one_line_error "bpfcc.sh: x.bpf.c includes vmlinux.h, and this machine's kernel is not of s390x: *skelgen vmlinux*"
	bpfcc --goarch pdp11 x.bpf.c x.bpf.o
	expect_one_line_error 'bpfcc.sh: --goarch pdp11: unknown architecture'
}

test_vmlinux_h_is_made_where_it_is_included() {
	[ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF"
	[ -x "$root/build/bin/skelgen" ] || skip "build/bin/skelgen is not built"
	cat > x.bpf.c <<-'END'
		#include "vmlinux.h"
		#include <bpf/bpf_helpers.h>
		int pid;
		SEC("tp_btf/sched_switch") int sw(struct task_struct **ctx) { pid = ctx[1]->pid; return 0; }
		char LICENSE[] SEC("license") = "GPL";
	END
	bpfcc x.bpf.c x.bpf.o
	expect_status 0
	expect_file x.bpf.o
	echo 'struct task_struct { int pid; } __attribute__((preserve_access_index)); typedef unsigned u32; typedef unsigned __u32;
	typedef unsigned long long __u64; typedef int __s32; typedef unsigned short __u16; typedef unsigned char __u8; typedef long long __s64;
	typedef unsigned short __be16; typedef unsigned __be32; typedef unsigned __wsum; enum bpf_map_type { BPF_MAP_TYPE_UNSPEC };' > vmlinux.h
	SKELGEN=/nonexistent bpfcc x.bpf.c y.bpf.o # one beside the source needs no skelgen
	expect_status 0
}

test_a_signal_leaves_nothing() {
	program x.bpf.c
	# shellcheck disable=SC2016 # the script's own parent
	printf '#!/bin/sh\nkill -$SIGNAL $PPID\nsleep 0.2\n' > strip
	chmod +x strip
	for signal in INT TERM HUP; do
		SIGNAL=$signal LLVM_STRIP=$PWD/strip bpfcc x.bpf.c out/x.bpf.o -DPLUS=1
		[ "$status" -gt 128 ] || fail "exit status $status after SIG$signal"
		expect_equal "$(ls -A out)" ""
	done
}

test_wrong_usage() {
	bpfcc
	expect_one_line_error 'bpfcc.sh: usage: *'
	bpfcc nowhere.bpf.c x.bpf.o
	expect_one_line_error 'bpfcc.sh: nowhere.bpf.c: no such file'
	echo > x.bpf.c
	CLANG=/nonexistent bpfcc x.bpf.c x.bpf.o
	expect_one_line_error 'bpfcc.sh: no clang *'
}

run_tests "$@"
