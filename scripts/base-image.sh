#!/bin/sh
# base-image.sh SUITE [IMAGE]: make the Docker image IMAGE (default bpfskel-debian:SUITE) from Debian's packages alone.
#
# For machines that reach a Debian mirror but no image registry. It is what debootstrap calls minbase, with the
# mirror, the apt settings and the certificates of this machine, so that apt and Go work inside as they do here.
# Needs root, debootstrap and docker. An image that is there already is kept.
set -eu
me=base-image.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"

[ $# -ge 1 ] || die "usage: base-image.sh SUITE [IMAGE]"
suite=$1 image=${2:-bpfskel-debian:$1}
have docker || die "docker is missing"
! docker image inspect "$image" >/dev/null 2>&1 || exit 0
have debootstrap || die "debootstrap is missing: apt-get install debootstrap"
mirror=$(debian_mirror)
[ -n "$mirror" ] || die "no Debian mirror in this machine's apt configuration"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
note "debootstrap $suite"
debootstrap --variant=minbase "$suite" "$work/root" "$mirror" >"$work/log" 2>&1 || {
	tail -n 20 "$work/log" >&2
	die "debootstrap $suite failed"
}
apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets' > "$work/root/etc/apt/apt.conf.d/50acquire"
mkdir -p "$work/root/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
tar -C "$work/root" -c . | docker import -c 'CMD ["/bin/bash"]' - "$image" >/dev/null
