#!/bin/sh
# test-asan.sh [ARG]...: run the tests of the run time with the address sanitizer, in libbpf as well: no mistake of a
# program may make libbpf use freed memory or leak memory. ARGs are passed to go test. Needs root.
set -eu
me=test-asan.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$(dirname "$here")"
. "$here/lib/common.sh"

echo 'int main(void) { return 0; }' | "${CC:-cc}" -fsanitize=address -x c -o /dev/null - 2>/dev/null ||
	die "${CC:-cc} has no address sanitizer here: install libasan"
# A separate libbpf: with these CFLAGS, libbpf.sh builds it, also when env.sh calls it.
CFLAGS='-g -O1 -fsanitize=address -fno-omit-frame-pointer' BPFSKEL_PREFIX=$PWD/build/libbpf-asan \
	sh "$here/env.sh" "${GO:-go}" test -asan -count=1 "$@" ./pkg/skel ./cgo/libbpf
