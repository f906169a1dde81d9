#!/bin/bash
# test-versions.sh [SUITE]...: build and test against the libbpf sources of these Debian suites.
#
# trixie (1.5.0) and sid (the newest) by default; `make test` uses the version that this project pins. Then the version
# guard: the error of a build against Debian 12's libbpf 1.1. PACKAGES replaces the packages below.
set -uo pipefail
me=test-versions.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1
. scripts/lib/common.sh
. scripts/lib/apt.sh
. scripts/lib/checks.sh

suites=("$@")
[ $# -gt 0 ] || suites=(trixie sid)
packages=${PACKAGES:-./cgo/... ./pkg/... ./internal/test/kernels}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# sources SUITE: the tarball of that suite's libbpf, kept in the user's cache.
sources() {
	local kept found
	kept=$(user_cache)/libbpf-$1
	mkdir -p "$kept"
	if ! ls "$kept"/libbpf_*.orig.tar.* >/dev/null 2>&1; then
		private_apt_setup "$work/apt-$1" deb-src debian "$1" >"$work/log" 2>&1 || { cat "$work/log" >&2; return 1; }
		# The mirror may lack the other files of the package.
		(cd "$kept" && private_apt "$work/apt-$1" get source --tar-only --download-only libbpf) >"$work/log" 2>&1
	fi
	found=$(find "$kept" -name 'libbpf_*.orig.tar.*' ! -name '*.asc' | head -n 1)
	[ -n "$found" ] || { echo "Debian's $1 has no source of libbpf here: $(tail -n 1 "$work/log")" >&2; return 1; }
	echo "$found"
}

with_version() { # TARBALL PREFIX CMD...
	local tarball=$1 prefix=$2
	shift 2
	LIBBPF_SRC=$tarball BPFSKEL_PREFIX=$prefix sh scripts/env.sh "$@"
}

expect_version() { # VERSION TARBALL PREFIX: the library linked is the one asked for
	local version
	version=$(PKG_CONFIG_PATH=$3/lib/pkgconfig pkg-config --modversion libbpf)
	echo "libbpf $version, want $1"
	[ "$version" = "$1" ]
}

# build_against PREFIX: a build against the libbpf there stops at our message.
build_against() {
	mkdir -p "$work/pc"
	printf 'Name: libbpf\nDescription: old\nVersion: %s\nLibs: -L%s/lib -lbpf -lelf -lz\nCflags: -I%s/include\n' \
		"$(cat "$1/version")" "$1" "$1" > "$work/pc/libbpf.pc"
	PKG_CONFIG_PATH=$work/pc CGO_CFLAGS="-O2 -DBPFSKEL_LIBBPF_ID=old" go build ./cgo/libbpf
}

for suite in "${suites[@]}"; do
	tarball=$(sources "$suite")
	check "Debian's $suite has the sources" [ -n "$tarball" ]
	[ -n "$tarball" ] || continue
	version=$(basename "$tarball" | sed 's/^libbpf_//; s/\.orig\.tar\..*//')
	prefix=$PWD/build/libbpf-$version
	check "libbpf $version builds" with_version "$tarball" "$prefix" true
	check "libbpf $version is the one that is linked" expect_version "$version" "$tarball" "$prefix"
	# shellcheck disable=SC2086 # words are meant
	check "the tests pass with libbpf $version" with_version "$tarball" "$prefix" go test -ldflags=-s=false -skip ^TestGuest -count=1 -short $packages
	check "the generator works with libbpf $version" \
		with_version "$tarball" "$prefix" go run ./skelgen generate --out "$work/generated/minimal" build/bpf/minimal/minimal.bpf.o
done
old=$(sh scripts/debian-libbpf.sh bookworm)
check "Debian 12's libbpf can be had" [ -n "$old" ]
[ -z "$old" ] || check "with libbpf $(cat "$old/version") the build prints the version that it needs" \
	fails_with 'bpfskel needs libbpf 1.5 or newer: build one with scripts/libbpf.sh' build_against "$old"
finish
