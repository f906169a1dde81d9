#!/bin/sh
# inputs.sh SKELGEN: print what an object or a generated package depends on besides its source, one line each.
set -eu
me=inputs.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/clang.sh"
find_clang || die "no clang from 14 up with its llvm-strip: run scripts/deps.sh"
"$CLANG" --version | head -n 1
cat "$(sh "$here/libbpf.sh" --print-prefix)/id"
sha256sum "$1"
