#!/bin/sh
# bpfcc.sh [--goarch ARCH] SRC.bpf.c OUT.bpf.o [CLANG-FLAG]...: compile BPF C with this project's flags.
#
# With BTF, without DWARF, and without any path of this machine in the object: the same source and compiler make the
# same bytes in every folder. OUT appears complete or not at all, and keeps its time stamp if its bytes stay the same.
# Headers come from the source's folder, then libbpf (libbpf.sh). `skelgen vmlinux` makes vmlinux.h if the source
# includes it and there is none beside it; that needs build/bin/skelgen, or SKELGEN=.
# ARCH (default: this machine's) is Go's name of the architecture that the program will run on, whose byte order and
# registers the object gets; a vmlinux.h that it includes must be that architecture's.
# CLANG and LLVM_STRIP override what lib/clang.sh finds; BPF_CFLAGS adds flags.
set -eu
me=bpfcc.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/clang.sh"

host_goarch() {
	case $(uname -m) in
		x86_64) echo amd64 ;;
		i?86) echo 386 ;;
		aarch64) echo arm64 ;;
		arm*) echo arm ;;
		loongarch64) echo loong64 ;;
		*) uname -m ;;
	esac
}

# target_of GOARCH: bpf_tracing.h's name for it, and the folder of its <asm/types.h> on Debian.
target_of() {
	case $1 in
		amd64) echo x86 x86_64-linux-gnu ;;
		386) echo x86 i386-linux-gnu ;;
		arm64) echo arm64 aarch64-linux-gnu ;;
		arm) echo arm arm-linux-gnueabihf ;;
		ppc64) echo powerpc powerpc64-linux-gnu ;;
		ppc64le) echo powerpc powerpc64le-linux-gnu ;;
		riscv64) echo riscv riscv64-linux-gnu ;;
		s390x) echo s390 s390x-linux-gnu ;;
		loong64) echo loongarch loongarch64-linux-gnu ;;
		mips*) echo mips "$1-linux-gnu" ;;
		*) die "--goarch $1: unknown architecture" ;;
	esac
}

# bpf_target GOARCH: clang's name for BPF in that architecture's byte order.
bpf_target() {
	case $1 in
		mips | mips64 | ppc64 | s390x) echo bpfeb ;;
		*) echo bpfel ;;
	esac
}

# The kernel's user headers need <asm/types.h>, which Debian keeps in a folder of the architecture.
asm_folder() {
	for folder in "/usr/include/$1" "/usr/$1/include" "/usr/include/$(cc -print-multiarch 2>/dev/null)" /usr/include; do
		[ ! -f "$folder/asm/types.h" ] || { echo "$folder"; return; }
	done
	die "no <asm/types.h>: run scripts/deps.sh"
}

libbpf_include() {
	sh "$here/libbpf.sh"
	prefix=$(sh "$here/libbpf.sh" --print-prefix)
	if [ -f "$prefix/system" ]; then pkg-config --variable=includedir libbpf; else echo "$prefix/include"; fi
}

clang_bpf() {
	# shellcheck disable=SC2086 # BPF_CFLAGS holds words
	"$CLANG" -g -O2 -target "$(bpf_target "$goarch")" "-D__TARGET_ARCH_$target" "-ffile-prefix-map=$PWD=." \
		"-ffile-prefix-map=$include=libbpf" "-ffile-prefix-map=$generated=." \
		-I. "-I$include" -idirafter "$asm" ${BPF_CFLAGS-} "$@"
}

# True if the source includes a vmlinux.h that is not in any include folder.
needs_vmlinux() {
	# shellcheck disable=SC1003 # a blank and a backslash
	[ ! -f vmlinux.h ] && clang_bpf "$@" -MM -MG "$source" 2>/dev/null | tr -s ' \\' '\n' | grep -qx vmlinux.h
}

make_vmlinux() {
	[ "$goarch" = "$(host_goarch)" ] || die "$1 includes vmlinux.h, and this machine's kernel is not of $goarch: make one from a kernel of $goarch with skelgen vmlinux VMLINUX, and put it beside the source"
	skelgen=${SKELGEN:-$root/build/bin/skelgen}
	[ -x "$skelgen" ] || die "$1 includes vmlinux.h, which $skelgen makes: run make first"
	mkdir -p "$generated"
	"$skelgen" vmlinux > "$generated/vmlinux.h.$$" || { rm -f "$generated/vmlinux.h.$$"; exit 1; }
	mv "$generated/vmlinux.h.$$" "$generated/vmlinux.h"
}

goarch=$(host_goarch)
[ "${1-}" != --goarch ] || { goarch=${2:?}; shift 2; }
[ $# -ge 2 ] || die "usage: bpfcc.sh [--goarch ARCH] SRC.bpf.c OUT.bpf.o [CLANG-FLAG]..."
[ -f "$1" ] || die "$1: no such file"
find_clang || die "no clang from 14 up with its llvm-strip: run scripts/deps.sh"
given=$1
case $2 in /*) out=$2 ;; *) out=$PWD/$2 ;; esac
shift 2
description=$(target_of "$goarch")
target=${description% *} asm=$(asm_folder "${description#* }") include=$(libbpf_include)
generated=$(if [ -w "$root" ]; then echo "$root/build"; else user_cache; fi)/vmlinux
mkdir -p "$(dirname "$out")"
# A relative name in the source's own folder, so that the object does not contain a path of this machine.
cd "$(dirname "$given")"
source=$(basename "$given")
if needs_vmlinux "$@"; then
	make_vmlinux "$given"
	set -- "$@" "-I$generated"
fi
temporary=$(dirname "$out")/.$(basename "$out").$$
trap 'rm -f "$temporary"' EXIT
trap 'exit 130' INT # sh runs the trap of EXIT for a signal only when it has a trap too
trap 'exit 143' TERM HUP
clang_bpf "$@" -c "$source" -o "$temporary"
"$LLVM_STRIP" -g "$temporary"
cmp -s "$temporary" "$out" || mv "$temporary" "$out"
