#!/bin/sh
# fourways.sh [--table]: build and run the same small tool four times over one BPF object, in C with the header, with the
# Go skeleton, with libbpfgo, and with bpf2go and cilium/ebpf, and compare their output (root). With --table, print
# lines of user code and look-ups by name as a table, for bench/README.md. The peers are in the module ./bench, whose
# dependencies are downloaded.
set -eu
me=fourways.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/clang.sh"

ways="c skeleton libbpfgo bpf2go"
tool=$here/bench/fourways
out=$root/build/fourways
skelgen=${SKELGEN:-$root/build/bin/skelgen}

name_of() {
	case $1 in
		c) echo "C, \`calls.skel.h\`" ;;
		skeleton) echo "Go, the skeleton" ;;
		libbpfgo) echo "Go, libbpfgo" ;;
		bpf2go) echo "Go, bpf2go and cilium/ebpf" ;;
	esac
}

source_of() { if [ "$1" = c ]; then echo "$tool/c/main.c"; else echo "$tool/$1/main.go"; fi; }

# Without blank lines and comments.
count_lines() { grep -cvE '^[[:space:]]*(//.*|/\*.*\*/)?$' "$1"; }

# Names from the object and the kernel that the user code has in quotes.
count_names() {
	grep -oE '"(only_pid|only_call|calls|failures|results|events|handle_enter|handle_exit|\.bss|\.rodata|raw_syscalls|sys_enter|sys_exit)"' "$1" | wc -l
}

build() {
	[ -x "$skelgen" ] || die "no $skelgen: run make first"
	find_clang || die "no clang from 14 up with its llvm-strip: run scripts/deps.sh"
	sh "$here/bpfcc.sh" "$tool/bpf/calls.bpf.c" "$out/calls.bpf.o"
	"$skelgen" generate --out "$tool/skeleton/calls" "$out/calls.bpf.o"
	cp "$out/calls.bpf.o" "$tool/libbpfgo/calls.bpf.o"
	cd "$tool"
	eval "$(sh "$here/env.sh")"
	asm=/usr/include/$(cc -print-multiarch 2>/dev/null || true)
	# shellcheck disable=SC2046 # words are meant
	(cd bpf2go && GOPACKAGE=main "${GO:-go}" tool bpf2go -cc "$CLANG" -strip "$LLVM_STRIP" -target bpfel -type event calls \
		../bpf/calls.bpf.c -- $(pkg-config --cflags libbpf) -idirafter "$asm") > "$out/bpf2go.log" 2>&1 || { cat "$out/bpf2go.log" >&2; die "bpf2go failed"; }
	# shellcheck disable=SC2046
	cc -O2 -Wall -Werror -o "$out/c" c/main.c -Ibpf -Iskeleton/calls $(pkg-config --cflags --static --libs libbpf)
	for way in skeleton libbpfgo bpf2go; do
		"${GO:-go}" build -o "$out/$way" "./$way"
	done
}

# The iteration of a hash map has no order.
run() {
	for way in $ways; do
		"$out/$way" > "$out/$way.raw" 2> "$out/$way.err" || { cat "$out/$way.err" >&2; die "$(name_of "$way") failed"; }
		{ grep -v '^error' "$out/$way.raw"; grep '^error' "$out/$way.raw" | sort; } > "$out/$way.txt"
		cmp -s "$out/c.txt" "$out/$way.txt" || { diff "$out/c.txt" "$out/$way.txt" >&2 || true; die "$(name_of "$way") and C print different results"; }
	done
}

mkdir -p "$out"
build
run
if [ "${1-}" = --table ]; then
	echo "| the same tool in | lines of user code | names in quotes |"
	echo "|---|--:|--:|"
	for way in $ways; do
		echo "| $(name_of "$way") | $(count_lines "$(source_of "$way")") | $(count_names "$(source_of "$way")") |"
	done
else
	cat "$out/c.txt"
fi
