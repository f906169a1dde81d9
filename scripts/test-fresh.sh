#!/bin/sh
# test-fresh.sh [SUITE [COMMAND]]: a new machine: minimal Debian SUITE (default trixie), git, make and a Go toolchain,
# nothing else. Clones this checkout's HEAD there and runs COMMAND (default: the examples without a C compiler, then
# make run && make test, without the suites that CI adds to it).
#
# Debian 13 and later bring their own Go; older ones get this machine's. The kernel and root's rights are this machine's:
# it is a folder with private mounts, not a container that drops rights. Needs root and debootstrap.
set -eu
me=test-fresh.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
. "$here/lib/debootstrap.sh"

[ "$(id -u)" = 0 ] || die "needs root"
suite=${1:-trixie}
examples='CGO_ENABLED=0 go build -o build/nocc/ ./examples/minimal ./examples/execsnoop && build/nocc/minimal -duration 1500ms'
command=${2:-! command -v cc && $examples && make run && make test CI_SUITES=}
tarball=$(debian_root "$suite")
machine=$(mktemp -d)
# Mounts below it exist only in another namespace, which ends before this.
trap 'rm -rf --one-file-system "$machine"' EXIT
trap 'exit 130' INT TERM
tar -C "$machine" -xf "$tarball"
cp -L /etc/resolv.conf /etc/hosts "$machine/etc/"
git clone -q --bare "$root" "$machine/srv/bpfskel.git"

packages='git make' go=
case $suite in
	bullseye | bookworm) go=$(go env GOROOT) && mkdir -p "$machine/usr/local/go" ;;
	*) packages="$packages golang-go" ;;
esac

# shellcheck disable=SC2016 # the shells inside expand it
env -i HOME=/root PATH=/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 CI="${CI-}" GOPROXY="$(go env GOPROXY)" GOSUMDB="$(go env GOSUMDB)" \
	MACHINE="$machine" COMMAND="$command" PACKAGES="$packages" GO="$go" \
	unshare --mount sh -euc '
		mount --bind "$MACHINE" "$MACHINE" # for pivot_root; in a mere chroot the kernel makes no user namespaces
		mount --bind /proc "$MACHINE/proc"
		mount --rbind /sys "$MACHINE/sys"
		mount --rbind /dev "$MACHINE/dev"
		[ -z "$GO" ] || mount --bind -o ro "$GO" "$MACHINE/usr/local/go"
		unset GO
		cd "$MACHINE"
		pivot_root . .
		umount -l .
		exec chroot . bash -euc "
			cd /
			apt-get -qq update
			apt-get -qq install -y --no-install-recommends $PACKAGES >/dev/null 2>&1
			git clone -q /srv/bpfskel.git /root/bpfskel
			cd /root/bpfskel
			$COMMAND
		"
	' </dev/null
