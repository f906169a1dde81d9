#!/bin/sh
# bench.sh [ARG]...: compare both back ends with C libbpf, cilium/ebpf and libbpfgo, in one process on this kernel (root),
# and the size and memory of a tool that is built with each. Arguments are passed to the comparison: -help lists them. The
# peers are in a separate module, ./bench; its dependencies are downloaded.
set -eu
me=bench.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"

[ -x "$root/build/bin/skelgen" ] || die "no build/bin/skelgen: run make first"
objects=$root/build/bench
for source in "$here"/bench/bpf/*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	sh "$here/bpfcc.sh" "$source" "$objects/$name.bpf.o"
	"$root/build/bin/skelgen" generate --light --out "$here/bench/$name" "$objects/$name.bpf.o"
	# The same package again, with the back end light in a build with cgo.
	light=$here/bench/light/$name
	rm -rf "$light"
	"$root/build/bin/skelgen" generate --light --out "$light" "$objects/$name.bpf.o"
	rm "$light/${name}_libbpf.go" "$light/${name}_nolibbpf.go" "$light/$name.skel.h"
	sed -i '/^\/\/go:build /,+1d' "$light/${name}_light.go"
done
cp "$objects/core.bpf.o" "$here/bench/resident/cilium"
cd "$here/bench"
build() { sh "$here/env.sh" "${GO:-go}" build "$@"; }
build -o "$objects/bench" .
build -trimpath -ldflags='-s -w' -o "$objects/resident-libbpf" ./resident/skeleton
CGO_ENABLED=0 build -trimpath -ldflags='-s -w' -o "$objects/resident-light" ./resident/skeleton
CGO_ENABLED=0 build -trimpath -ldflags='-s -w' -o "$objects/resident-cilium" ./resident/cilium
exec "$objects/bench" -objects "$objects" "$@"
