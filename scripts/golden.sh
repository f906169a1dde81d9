#!/bin/sh
# golden.sh: rebuild the fixtures: the objects, the golden files, and a comparison of each header with bpftool's.
#
# It needs clang 19, which made the objects in git: another compiler would change their bytes.
# A fixture's flags, if it needs any, are in its first line: "// clang: FLAG...".
set -eu
me=golden.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/clang.sh"

compile_objects() {
	for source in skelgen/testdata/*/*.bpf.c skelgen/internal/load/testdata/*.bpf.c; do
		# shellcheck disable=SC2046 # flags are words
		sh "$here/bpfcc.sh" "$source" "${source%.c}.o" $(sed -n '1s|^// clang: ||p' "$source")
	done
}

# Every package that has golden files imports this one, which defines -update.
update_goldens() {
	grep -rl --include='*_test.go' 'internal/test/golden"' skelgen | xargs -n 1 dirname | sort -u | while read -r package; do
		sh "$here/env.sh" "${GO:-go}" test "./$package" -run Golden -count=1 -update </dev/null
	done
}

compare_with_bpftool() {
	BPFTOOL=${BPFTOOL:-$here/bpftool.sh} sh "$here/env.sh" "${GO:-go}" test -tags reference -count=1 \
		-run 'AreTheSameAsBpftools|TestTheCommandIsAboutAsFast' -skip TestReal ./skelgen/internal/test/ctest ./skelgen
}

if ! find_clang || [ "$(clang_major "$CLANG")" != 19 ]; then
	die "the fixtures are compiled by clang 19: set CLANG"
fi
cd "$root"
compile_objects
update_goldens
compare_with_bpftool
git --no-pager diff --stat -- skelgen/testdata skelgen/internal/load/testdata 2>/dev/null || true
