#!/bin/sh
# static.sh CMD OUT: build the Go program in the folder CMD as one fully static, stripped binary. With GOARCH its BPF
# objects, CMD/bpf/*.bpf.c, are for that architecture too.
#
# GOARCH and CC as for `env.sh --static`, whose settings it uses. It fails if the binary has an interpreter or a dynamic
# section.
set -eu
me=static.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/overlay.sh"

[ $# -eq 2 ] || die "usage: static.sh CMD OUT"
cmd=$1 out=$2
mkdir -p "$(dirname "$out")"
set --
if [ "${GOARCH:-$("${GO:-go}" env GOHOSTARCH)}" != "$("${GO:-go}" env GOHOSTARCH)" ]; then
	overlay=$(mktemp)
	trap 'rm -f "$overlay"' EXIT
	write_overlay "$(dirname "$here")" "$GOARCH" "$cmd" "$overlay"
	set -- -overlay "$overlay"
fi
sh "$here/env.sh" --static "${GO:-go}" build "$@" -o "$out" "$cmd"
have readelf || exit 0
if readelf -lW "$out" | grep -E '^ *(INTERP|DYNAMIC) ' >&2; then
	rm -f "$out"
	die "the program is not static: $out was removed"
fi
