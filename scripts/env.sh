#!/bin/sh
# env.sh [--static] CMD [ARG]...: run CMD with the settings that a build against our libbpf needs; build libbpf first if
# necessary.
# env.sh [--static]: print them, for eval.
#
# --static: for one static, stripped and reproducible binary. GOARCH=arm64 then cross-compiles, CC=musl-gcc links musl.
# A command's own -ldflags replaces the one in GOFLAGS, so it must contain BPFSKEL_LDFLAGS too.
#
# PKG_CONFIG_PATH serves packages with `#cgo pkg-config: libbpf` (ours and generated ones). CGO_CFLAGS carries the
# library's id, so that Go rebuilds what depends on it when it changes. The -I and the -L serve programs that import
# libbpfgo, which does not use pkg-config. The caller's settings are kept, after ours.
# LIBBPF, LIBBPF_SRC: see libbpf.sh. BPFSKEL_PREFIX names another prefix of libbpf.sh.
set -eu
me=env.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/target.sh"

static='' names='PKG_CONFIG_PATH CGO_CFLAGS CGO_LDFLAGS'
if [ "${1-}" = --static ]; then
	static=1
	shift
	names="$names GOFLAGS BPFSKEL_LDFLAGS"
	target=$(static_target)
	use_target "$target" "$(dirname "$here")"
	[ -z "$target" ] || names="$names CC PKG_CONFIG_LIBDIR"
	[ "${CGO_ENABLED-}" != 1 ] || names="$names GOARCH CGO_ENABLED"
fi

libbpf() { sh "$here/libbpf.sh" ${BPFSKEL_PREFIX:+--prefix "$BPFSKEL_PREFIX"} "$@"; }

# other_words OURS WORD...: the words that are neither ours nor an older id, so that a second eval changes nothing.
other_words() {
	ours=" $1 " rest=
	shift
	for word in "$@"; do
		case $word in -DBPFSKEL_LIBBPF_ID=*) continue ;; esac
		case $ours in *" $word "*) ;; *) rest="$rest $word" ;; esac
	done
	echo "$rest"
}

# Without a build ID, which depends on paths; with net and os/user in Go, since glibc's do not work in a static
# program. -static is in CGO_LDFLAGS, so that a caller's -ldflags does not replace it.
# shellcheck disable=SC2089,SC2090 # the go command reads the quotes in GOFLAGS
static_goflags() {
	BPFSKEL_LDFLAGS='-linkmode=external -s -w -buildid='
	case " ${GOFLAGS-} " in
		*" '-ldflags=$BPFSKEL_LDFLAGS' "*) ;;
		*) GOFLAGS="${GOFLAGS:+$GOFLAGS }-trimpath -buildvcs=false -tags=netgo,osusergo,urfave_cli_no_docs '-ldflags=$BPFSKEL_LDFLAGS'" ;;
	esac
	export GOFLAGS BPFSKEL_LDFLAGS
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
ldflags="${static:+-static }$ldflags"
# shellcheck disable=SC2086 # words are meant
CGO_CFLAGS="$cflags$(other_words "$cflags" ${CGO_CFLAGS--O2 -g})"
# shellcheck disable=SC2086
CGO_LDFLAGS="$ldflags$(other_words "$ldflags" ${CGO_LDFLAGS-})"
export CGO_CFLAGS CGO_LDFLAGS
[ -z "$static" ] || static_goflags

[ $# -eq 0 ] || exec "$@"
for name in $names; do
	eval "value=\$$name"
	# shellcheck disable=SC2154 # eval sets it
	echo "export $name='$(echo "$value" | sed "s/'/'\\\\''/g")'"
done
