#!/bin/sh
# libbpf.sh [--prefix DIR]: a static libbpf with its headers and libbpf.pc, in DIR. Does nothing if it is up to date.
# libbpf.sh [--prefix DIR] --print-prefix: only print where it is, or would be.
#
# DIR is build/libbpf of this checkout, or a folder in the user's cache if the checkout is read-only (as in Go's
# module cache). It can be moved. Beside lib/ and include/ it holds `id`: a hash of libbpf.a and its headers. Go's build
# cache sees neither, so builds pass the id on as -DBPFSKEL_LIBBPF_ID (env.sh does).
#
# The sources come from the first of these that is available:
#   LIBBPF_SRC=DIR|TARBALL        any libbpf from 1.5 up
#   the submodule libbpf/         fetched by git if it is not checked out
#   Debian's source package       through a private apt configuration
#   a clone of libbpf's           if this is not a git checkout (Go's module cache), held to the same hash
# LIBBPF=system takes the distribution's libbpf (pkg-config, from 1.5 up) and builds nothing; DIR then holds only
# `id` and `system`. CC, AR, CFLAGS and PKG_CONFIG_* come from the environment, so it can cross-compile.
set -eu
me=libbpf.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
. "$here/lib/libbpf-source.sh"
# Variables of an outer make or a packaging tool must not affect libbpf's own make.
unset MAKEFLAGS MFLAGS MAKELEVEL PREFIX DESTDIR LIBDIR OBJDIR INCLUDEDIR UAPIDIR V || true

oldest=1.5
umask 022

# Root may write anywhere, so the mode bits and the name matter too, not only access(2).
checkout_is_read_only() {
	[ ! -w "$root" ] && return 0
	case $root in *@v[0-9]*) return 0 ;; esac
	[ -z "$(find "$root" -maxdepth 0 -perm -200)" ]
}

default_prefix() {
	if [ "${LIBBPF-}" = system ]; then name=libbpf-system; else name=libbpf; fi
	if checkout_is_read_only; then
		echo "$(user_cache)/$name-$pinned_version"
	else
		echo "$root/build/$name"
	fi
}

# The compiler by name, version and target: another compiler makes another library.
compiler_identity() {
	have "$cc" || die "no C compiler ($cc): run scripts/deps.sh"
	echo "$("$cc" --version | head -n 1) $("$cc" -dumpmachine)"
}

# The inputs that determine the bytes of a build, one line each.
build_inputs() {
	echo "source $1"
	echo "compiler $(compiler_identity)"
	echo "flags $cflags"
	echo "format 1"
}

is_current() {
	[ -f "$prefix/stamp" ] && [ -f "$prefix/id" ] && [ -f "$prefix/lib/libbpf.a" ] &&
		[ "$(cat "$prefix/stamp")" = "$1" ]
}

identify() { # DIR: of libbpf.a and the headers below DIR
	(cd "$1" && find lib/libbpf.a include -type f | hash_files | cut -c1-16)
}

# build SOURCE: compile and install into $work/out. Debug information must not name this machine's folders, or
# the same libbpf would have another id in every checkout.
build() {
	mkdir "$work/obj"
	"${MAKE:-make}" -C "$1/src" -j"$(nproc)" BUILD_STATIC_ONLY=y OBJDIR="$work/obj" DESTDIR="$work/out" \
		PREFIX= LIBDIR=/lib INCLUDEDIR=/include UAPIDIR=/include CC="$cc" \
		CFLAGS="$cflags -ffile-prefix-map=$1=libbpf" install install_uapi_headers >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		die "libbpf from $1 does not build (see above; are all of scripts/deps.sh's packages there?)"
	}
	# shellcheck disable=SC2016 # pkg-config expands it, which makes the folder movable
	sed -i 's|^prefix=.*|prefix=${pcfiledir}/../..|; s|^libdir=.*|libdir=${prefix}/lib|' \
		"$work/out/lib/pkgconfig/libbpf.pc"
	identify "$work/out" > "$work/out/id"
}

# All work below is done in a new folder beside the prefix, which replaces the prefix in one rename.
# Remains of a killed run are removed first: the lock guarantees that nobody uses them.
with_lock() {
	mkdir -p "$(dirname "$prefix")" || die "cannot make $(dirname "$prefix")"
	exec 9>"$(dirname "$prefix")/.$(basename "$prefix").lock" || die "cannot write beside $prefix"
	flock 9
	work=$(dirname "$prefix")/.$(basename "$prefix").work
	rm -rf "$work" "$work.old"
	mkdir "$work"
	trap 'rm -rf "$work" "$work.old"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	"$@"
}

publish() { # DIR becomes the prefix
	[ ! -e "$prefix" ] || mv "$prefix" "$work.old"
	mv "$1" "$prefix"
	rm -rf "$work.old"
}

# A folder that this script did not make is never replaced.
check_prefix() {
	[ ! -e "$prefix" ] || [ -f "$prefix/id" ] || [ -z "$(ls -A "$prefix" 2>/dev/null)" ] ||
		die "$prefix exists and was not made by this script: choose another --prefix"
}

make_static() {
	if is_current "$wanted"; then return; fi # another run made it meanwhile
	source=$(local_source)
	[ -n "$source" ] || source=$(fetch_source "$work")
	[ -n "$source" ] || die "$(no_source_message)"
	tree=$(unpack_source "$source" "$work")
	version=$(source_version "$tree")
	version_at_least "${version:-0}" "$oldest" ||
		die "$source: libbpf ${version:-of unknown version} is too old: $oldest or newer is needed"
	note "building libbpf $version"
	build "$tree"
	identity=$(expected_identity) # git may have fetched another commit than the pinned one
	build_inputs "$identity" > "$work/out/stamp"
	publish "$work/out"
}

make_system() {
	PKG_CONFIG_PATH=$(foreign_pkg_config_path)
	export PKG_CONFIG_PATH
	version=$(pkg-config --modversion libbpf 2>/dev/null) ||
		die "LIBBPF=system: pkg-config finds no libbpf: install libbpf-dev (libbpf-devel), or unset LIBBPF to build $pinned_version"
	version_at_least "$version" "$oldest" ||
		die "LIBBPF=system: the system's libbpf is $version, $oldest or newer is needed: unset LIBBPF to build $pinned_version"
	id=$(system_files | hash_files | cut -c1-16)
	[ "$(cat "$prefix/id" 2>/dev/null)" != "$id" ] || [ ! -f "$prefix/system" ] || return 0
	with_lock make_system_marks
}

make_system_marks() {
	mkdir "$work/out"
	echo "$id" > "$work/out/id"
	echo "$version" > "$work/out/system"
	publish "$work/out"
}

system_files() {
	for file in "$(pkg-config --variable=libdir libbpf)"/libbpf.a \
		"$(pkg-config --variable=libdir libbpf)"/libbpf.so.1 \
		"$(pkg-config --variable=includedir libbpf)"/bpf/*.h; do
		[ ! -f "$file" ] || echo "$file"
	done
}

prefix='' print=
while [ $# -gt 0 ]; do
	case $1 in
		--prefix) prefix=${2:?--prefix needs a folder}; shift ;;
		--prefix=*) prefix=${1#*=} ;;
		--print-prefix) print=1 ;;
		*) die "usage: libbpf.sh [--prefix DIR] [--print-prefix]" ;;
	esac
	shift
done
case ${LIBBPF-} in '' | system) ;; *) die "LIBBPF=$LIBBPF: only 'system' is known" ;; esac
[ -n "$prefix" ] || prefix=$(default_prefix)
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
if [ -n "$print" ]; then
	echo "$prefix"
	exit
fi
check_prefix
if [ "${LIBBPF-}" = system ]; then
	make_system
	exit
fi
cc=${CC:-cc}
# -fPIC: Go links this into position-independent programs and shared libraries too.
cflags="${CFLAGS:--g -O2} -std=gnu89 -fPIC"
identity=$(expected_identity)
wanted=$(build_inputs "$identity")
is_current "$wanted" || with_lock make_static
