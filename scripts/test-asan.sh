#!/bin/sh
# test-asan.sh [ARG]...: run the tests of the run time with the address sanitizer, in libbpf as well: nothing that a
# program does wrong may make libbpf use memory that is gone, or lose any. ARGs go to go test. Needs root.
set -eu
me=test-asan.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$(dirname "$here")"
. "$here/lib/common.sh"

echo 'int main(void) { return 0; }' | "${CC:-cc}" -fsanitize=address -x c -o /dev/null - 2>/dev/null ||
	die "${CC:-cc} has no address sanitizer here: install libasan"
# A libbpf of its own, which CFLAGS tell libbpf.sh to build, in env.sh too.
CFLAGS='-g -O1 -fsanitize=address -fno-omit-frame-pointer' BPFSKEL_PREFIX=$PWD/build/libbpf-asan \
	sh "$here/env.sh" "${GO:-go}" test -asan -count=1 "$@" ./pkg/skel ./cgo/libbpf
