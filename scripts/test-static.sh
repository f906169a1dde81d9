#!/bin/bash
# test-static.sh: check static binaries with this machine's C library and with musl, and run them in an empty root.
#
# Needs root for the runs. Ends with counts.
set -uo pipefail
me=test-static.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1
. scripts/lib/common.sh
. scripts/lib/checks.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Programs of type tp find tracefs in the empty root as they do in a container.
in_empty_root() { # PROGRAM ARG...
	local root
	root=$work/root-$(basename "$1")
	mkdir -p "$root/sys/kernel/tracing"
	cp "$1" "$root/program"
	shift
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount sh -c 'mount --bind /sys/kernel/tracing "$1/sys/kernel/tracing" && shift && exec "$@"' sh "$root" \
		chroot "$root" /program "$@"
}

check_program() { # NAME FILE
	check "$1: it has no interpreter and no dynamic section" prints_no 'INTERP|DYNAMIC' readelf -lW "$2"
	check "$1: it has no symbols and no debug information" prints_no '\.(symtab|debug_info)' readelf -SW "$2"
	check "$1: it is at most 5 MB" at_most 5000000 "$(stat -c %s "$2")"
	check "$1: it counts in an empty root" prints '^[1-9][0-9]* system calls, [1-9]' in_empty_root "$2" -duration 1500ms
}

# A user's program, with the settings that eval takes and its own -ldflags.
with_own_ldflags() {
	(
		eval "$(sh scripts/env.sh --static)"
		eval "$(sh scripts/env.sh --static)" # a second time changes nothing
		go build -ldflags "$BPFSKEL_LDFLAGS -X main.version=7" -o "$work/own" ./examples/minimal
	) && prints_no 'INTERP|DYNAMIC' readelf -lW "$work/own"
}

# From the start of the process to the first event that it prints.
starts_as_fast() { # STATIC DYNAMIC
	local static dynamic
	static=$(first_line "$1") dynamic=$(first_line "$2")
	echo "static $static us, dynamic $dynamic us to the first line"
	[ $((static * 10)) -le $((dynamic * 12)) ]
}

# first_line FILE: microseconds to its first line, the best of ten.
first_line() {
	local best=1000000 begin took
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		begin=$(date +%s%N)
		took=$("$1" -interval 1ms -duration 20ms 2>/dev/null | { read -r _ && echo $((($(date +%s%N) - begin) / 1000)); })
		[ "${took:-$best}" -ge "$best" ] || best=$took
	done
	echo "$best"
}

sh scripts/mounts.sh
check "glibc: it builds" sh scripts/static.sh ./examples/minimal "$work/glibc"
check_program glibc "$work/glibc"
check "musl: it builds" env CC=musl-gcc sh scripts/static.sh ./examples/minimal "$work/musl"
check_program musl "$work/musl"
check "the settings serve a user's program" with_own_ldflags
check "the dynamic one builds" sh scripts/env.sh go build -o "$work/dynamic" ./examples/minimal
check "it starts as fast as the dynamic one" starts_as_fast "$work/glibc" "$work/dynamic"
finish
