#!/bin/sh
# bench.sh [ARG]...: compare with C libbpf, cilium/ebpf and libbpfgo, in one process on this kernel (root). Arguments are
# passed to the comparison: -help lists them. The peers are in a separate module, ./bench; its dependencies are downloaded.
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
	"$root/build/bin/skelgen" generate --out "$here/bench/$name" "$objects/$name.bpf.o"
done
cd "$here/bench"
sh "$here/env.sh" "${GO:-go}" build -o "$objects/bench" .
exec "$objects/bench" -objects "$objects" "$@"
