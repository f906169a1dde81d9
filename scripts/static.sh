#!/bin/sh
# static.sh CMD OUT: build the Go program in the folder CMD as one fully static, stripped binary.
#
# GOARCH and CC as for `env.sh --static`, whose settings it uses. What is not static is an error: no interpreter, no
# dynamic section.
set -eu
me=static.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"

[ $# -eq 2 ] || die "usage: static.sh CMD OUT"
mkdir -p "$(dirname "$2")"
sh "$here/env.sh" --static "${GO:-go}" build -o "$2" "$1"
have readelf || exit 0
if readelf -lW "$2" | grep -E '^ *(INTERP|DYNAMIC) ' >&2; then
	rm -f "$2"
	die "$2 would not be static"
fi
