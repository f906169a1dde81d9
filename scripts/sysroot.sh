#!/bin/sh
# sysroot.sh arm64|amd64|musl: print a folder with static libelf, zlib and zstd for another target, made on first use.
#
# arm64, amd64  unpacked from this machine's Debian suite for that architecture
# musl          this machine's own: Debian's archives need little of glibc, which cgo/libbpf/static.c stands in for
# The folder has lib, include and lib/pkgconfig, without a C library: the compiler of that target brings its own.
# It is in build/, or in the user's cache if the checkout is read-only. It can be moved.
set -eu
me=sysroot.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
. "$here/lib/target.sh"

packages='libelf-dev zlib1g-dev libzstd-dev'

suite() {
	sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null
}

download() {
	private_apt_setup "$work/apt" deb debian "$(suite)" "$target" || return
	# shellcheck disable=SC2086 # one word per package
	(cd "$work" && private_apt "$work/apt" get download $packages)
}

# from_debian: into $work/root.
from_debian() {
	[ -n "$(suite)" ] || die "the libraries of $target come from Debian's packages, and this machine does not run Debian"
	download >"$work/log" 2>&1 || die "the libraries of $target cannot be fetched: $(tail -n 1 "$work/log")"
	for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
}

# from_machine: the files of this machine's packages, into $work/root.
from_machine() {
	# shellcheck disable=SC2086 # one word per package
	files=$(dpkg -L $packages 2>/dev/null | grep -E '^/usr/(include|lib)/.*\.(h|a|pc)$') ||
		die "$packages are not installed: run scripts/deps.sh build"
	for file in $files; do
		mkdir -p "$work/root$(dirname "$file")"
		cp "$file" "$work/root$file"
	done
}

# make_prefix: from the folders of a Debian package to one prefix that can be moved.
make_prefix() {
	mkdir -p "$work/new/lib/pkgconfig"
	mv "$work/root/usr/include" "$work/new/include"
	find "$work/new/include" -mindepth 1 -maxdepth 1 -name '*-linux-*' -exec sh -c 'cp -R "$1"/. "$2" && rm -r "$1"' sh {} "$work/new/include" \;
	find "$work/root/usr/lib" -name '*.a' -exec mv {} "$work/new/lib/" \;
	for file in "$work"/root/usr/lib/*/pkgconfig/*.pc; do
		# shellcheck disable=SC2016 # pkg-config expands it
		sed 's|^prefix=.*|prefix=${pcfiledir}/../..|; s|^libdir=.*|libdir=${prefix}/lib|; s|^includedir=.*|includedir=${prefix}/include|' \
			"$file" > "$work/new/lib/pkgconfig/$(basename "$file")"
	done
	for file in libelf.a libz.a; do
		[ -f "$work/new/lib/$file" ] || die "the packages of $target have no $file"
	done
}

[ $# -eq 1 ] || die "usage: sysroot.sh arm64|amd64|musl"
target=$1
prefix=$(build_folder "$root")/sysroot/$target
if [ -d "$prefix" ]; then
	echo "$prefix"
	exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
note "collecting static libraries for $target"
case $target in
	arm64 | amd64) from_debian ;;
	musl) from_machine ;;
	*) die "$target: not one of arm64, amd64, musl" ;;
esac
make_prefix
mkdir -p "$(dirname "$prefix")"
cp -R "$work/new" "$prefix.$$"
mv -T "$prefix.$$" "$prefix" 2>/dev/null || rm -rf "$prefix.$$" # another run was first
echo "$prefix"
