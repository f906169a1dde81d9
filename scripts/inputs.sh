#!/bin/sh
# inputs.sh SKELGEN: one line for each thing, other than its source, that an object or a generated package depends on.
set -eu
me=inputs.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/clang.sh"
find_clang || die "no clang from 14 up with its llvm-strip: run scripts/deps.sh"
"$CLANG" --version | head -n 1
cat "$(sh "$here/libbpf.sh" --print-prefix)/id"
sha256sum "$1"
