#!/bin/bash
# vm-kernel.sh [--goarch amd64|arm64] VERSION: print the folder of a Debian cloud kernel, fetched on first use, for vm.sh.
#
# VERSION is 5.10, 6.1, 6.12 or 7 (the newest that the testing suite has). The folder holds boot/vmlinuz-*, its modules
# and, for another architecture than this machine's, a static busybox. It is in the user's cache; nothing is installed.
set -euo pipefail
me=vm-kernel.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"

goarch=amd64
[ "${1-}" != --goarch ] || { goarch=${2:?}; shift 2; }
version=${1:?a kernel version: 5.10, 6.1, 6.12 or 7}
archive=debian
case $version in
	5.10) archive=debian-security suite=bullseye-security ;;
	6.1) suite=bookworm ;;
	6.12) suite=trixie ;;
	7) suite=forky ;;
	*) die "$version: not one of 5.10, 6.1, 6.12, 7" ;;
esac
dir=$(user_cache)/kernels/$version-$goarch
if [ -d "$dir" ]; then
	echo "$dir"
	exit
fi
have dpkg-deb || die "needs dpkg-deb"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
apt() { private_apt "$work/apt" "$@"; }

# kernel_packages: the newest image by name; the metapackage names it, if the suite has one. From 7.x on the image itself
# is in a package linux-binary-*, its modules and its configuration in two more.
kernel_packages() {
	local image binary
	image=$(apt cache depends "linux-image-cloud-$goarch" 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
	[ -n "$image" ] || image=$(apt cache pkgnames linux-image- |
		grep -E "^linux-image-[0-9.]+-[0-9]+-cloud-$goarch\$" | sort -V | tail -n 1)
	[ -n "$image" ] || die "Debian's $suite has no cloud kernel for $goarch"
	binary=${image/linux-image-/linux-binary-}
	if apt cache show "$binary" >/dev/null 2>&1; then
		echo "$binary ${image/linux-image-/linux-modules-} ${image/linux-image-/linux-base-}"
	else
		echo "$image"
	fi
}

note "fetching Debian's kernel $version for $goarch"
private_apt_setup "$work/apt" deb "$archive" "$suite" "$goarch" >"$work/log" 2>&1 ||
	die "kernel $version cannot be fetched: $(tail -n 1 "$work/log")"
read -ra packages <<< "$(kernel_packages)"
[ "${#packages[@]}" -gt 0 ] || exit 1
(cd "$work" && apt get download "${packages[@]}") >"$work/log" 2>&1 ||
	die "kernel $version cannot be fetched: $(tail -n 1 "$work/log")"
mkdir "$work/root"
for deb in "$work"/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
if [ "$goarch" != "$(dpkg --print-architecture)" ]; then
	[ "$archive" = debian ] || die "kernel $version is here for this machine's architecture only"
	(cd "$work" && apt get download busybox-static) >"$work/log" 2>&1 || die "no busybox-static for $goarch: $(tail -n 1 "$work/log")"
	mkdir "$work/busybox"
	dpkg-deb -x "$work"/busybox-static_*.deb "$work/busybox"
	cp "$(find "$work/busybox" -path '*bin/busybox' -type f)" "$work/root/busybox"
fi
mkdir -p "$(dirname "$dir")"
mv -T "$work/root" "$dir" 2>/dev/null || [ -d "$dir" ] || die "cannot write $dir"
echo "$dir"
