#!/bin/sh
# test-real.sh: compare the headers of 57 tools in daily use (bcc's libbpf-tools) with the reference bpftool's, and the
# results of their Go packages on this kernel with those of C programs, and of libbpf with those of the back end light.
#
# Prints one line per difference, then a count. The objects stay in build/real; their sources are Debian's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
objects=$root/build/real

cd "$root"
[ -f "$objects/complete" ] || {
	sh "$here/real-objects.sh" "$objects"
	touch "$objects/complete"
}
export REAL_OBJECTS="$objects" BPFTOOL="${BPFTOOL:-$here/bpftool.sh}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
sh "$here/env.sh" "${GO:-go}" test -tags reference -count=1 -v -run '^(TestRealObjects|TestTools)$' \
	./skelgen/internal/test/ctest ./skelgen/internal/test/twintest ./skelgen/internal/test/lighttest >"$log" 2>&1 || status=1
sed -n 's/^ *[a-z_]*_test.go:[0-9]*: //p; /^\(FAIL\|panic\)/p; /^#/,/^[^#]/p' "$log"
exit $status
