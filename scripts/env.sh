#!/bin/sh
# env.sh CMD [ARG]...: run CMD with the settings that a build against our libbpf needs; build libbpf first if need be.
# env.sh: print them, for eval.
#
# PKG_CONFIG_PATH serves packages with `#cgo pkg-config: libbpf` (ours and generated ones). CGO_CFLAGS carries the
# library's id, so that Go rebuilds what depends on it when it changes. The -I and the -L serve programs that import
# libbpfgo, which asks pkg-config for nothing. What the caller has set stays in force, behind ours.
# LIBBPF, LIBBPF_SRC: see libbpf.sh. BPFSKEL_PREFIX names another prefix of libbpf.sh.
set -eu
me=env.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"

libbpf() { sh "$here/libbpf.sh" ${BPFSKEL_PREFIX:+--prefix "$BPFSKEL_PREFIX"} "$@"; }

# without OURS WORD...: the words that are not among ours, nor an older id; so eval twice is eval once.
without() {
	ours=" $1 " rest=
	shift
	for word in "$@"; do
		case $word in -DBPFSKEL_LIBBPF_ID=*) continue ;; esac
		case $ours in *" $word "*) ;; *) rest="$rest $word" ;; esac
	done
	echo "$rest"
}

libbpf
prefix=$(libbpf --print-prefix)
PKG_CONFIG_PATH=$(foreign_pkg_config_path)
[ -f "$prefix/system" ] || PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH

cflags="-DBPFSKEL_LIBBPF_ID=$(cat "$prefix/id")"
ldflags=$(pkg-config --static --libs libbpf | sed 's/ *$//')
if [ ! -f "$prefix/system" ]; then
	cflags="$cflags -I$prefix/include"
	ldflags="-L$prefix/lib $(echo "$ldflags" | tr ' ' '\n' | grep -v "^-L$prefix/" | tr '\n' ' ' | sed 's/ *$//')"
fi
# shellcheck disable=SC2086 # words are meant
CGO_CFLAGS="$cflags$(without "$cflags" ${CGO_CFLAGS--O2 -g})"
# shellcheck disable=SC2086
CGO_LDFLAGS="$ldflags$(without "$ldflags" ${CGO_LDFLAGS-})"
export CGO_CFLAGS CGO_LDFLAGS

[ $# -eq 0 ] || exec "$@"
for name in PKG_CONFIG_PATH CGO_CFLAGS CGO_LDFLAGS; do
	eval "value=\$$name"
	# shellcheck disable=SC2154 # eval sets it
	echo "export $name='$(echo "$value" | sed "s/'/'\\\\''/g")'"
done
