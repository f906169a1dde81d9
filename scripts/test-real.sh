#!/bin/sh
# test-real.sh: compare the headers of 57 tools in daily use (bcc's libbpf-tools) with those of the reference bpftool.
#
# One line for each header that differs, then a count. The objects stay in build/real; their sources are Debian's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
objects=$root/build/real

cd "$root"
[ -f "$objects/complete" ] || {
	sh "$here/real-objects.sh" "$objects"
	touch "$objects/complete"
}
BPFTOOL=${BPFTOOL:-$here/bpftool.sh} REAL_OBJECTS=$objects sh "$here/env.sh" "${GO:-go}" test -tags reference -count=1 -v \
	-run TestRealObjectsAreThoseOfTheReference ./skelgen/internal/ctest |
	sed -n 's/^ *[a-z_]*_test.go:[0-9]*: //p; /^\(FAIL\|panic\)/p' | {
	# The pipe hides the test's status; its closing count does not.
	status=1
	while read -r line; do
		echo "$line"
		same=${line%% of *} all=${line#* of }
		case $line in *' objects have the reference'*) [ "$same" != "${all%% *}" ] || status=0 ;; esac
	done
	exit $status
}
