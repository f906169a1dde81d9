#!/bin/sh
# container.sh SUITE COMMAND: run COMMAND in a clone of this checkout's HEAD, as root of a bare Debian SUITE in Docker.
#
# Beside Docker's default capabilities it has SYS_ADMIN, NET_ADMIN and SYS_PTRACE, and tracefs and bpffs of this machine;
# inside are git, make and a Go toolchain, Debian's own from 13 on, else this machine's. Modules and libbpf's sources
# come from this machine's caches, as far as they are there. Needs root, Docker and, the first time, debootstrap.
set -eu
me=container.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"

[ $# = 2 ] || die "usage: container.sh SUITE COMMAND"
suite=$1 command=$2
docker version >/dev/null 2>&1 || die "no Docker engine can be reached"
sh "$here/mounts.sh"
sh "$here/base-image.sh" "$suite" "bpfskel-debian:$suite" >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
git clone -q --bare "$root" "$work/bpfskel.git"

packages='git make' path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
set -- --rm --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add SYS_PTRACE \
	-v /sys/kernel/tracing:/sys/kernel/tracing -v /sys/fs/bpf:/sys/fs/bpf -v "$work:/srv:ro"
case $suite in
	bullseye | bookworm) set -- "$@" -v "$(go env GOROOT):/usr/local/go:ro" && path=/usr/local/go/bin:$path ;;
	*) packages="$packages golang-go" ;;
esac
proxy=$(go env GOPROXY)
modules=$(go env GOMODCACHE)/cache/download
if [ -d "$modules" ]; then
	set -- "$@" -v "$modules:/modules:ro"
	proxy=file:///modules,$proxy
fi
for source in "$(user_cache)"/libbpf-*.tar.gz; do
	[ ! -f "$source" ] || set -- "$@" -v "$source:/root/.cache/bpfskel/$(basename "$source"):ro"
done
docker run "$@" -e "PATH=$path" -e "GOPROXY=$proxy" -e "GOSUMDB=$(go env GOSUMDB)" -e DEBIAN_FRONTEND=noninteractive \
	-e LC_ALL=C.UTF-8 -e "PACKAGES=$packages" -e "COMMAND=$command" "bpfskel-debian:$suite" bash -euc '
		apt-get -qq update
		apt-get -qq install -y --no-install-recommends $PACKAGES >/dev/null 2>&1
		git clone -q /srv/bpfskel.git /root/bpfskel
		cd /root/bpfskel
		eval "$COMMAND"
	' </dev/null
