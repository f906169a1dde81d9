#!/bin/sh
# base-image.sh SUITE [IMAGE]: make the Docker image IMAGE (default bpfskel-debian:SUITE) from Debian's packages only.
#
# For machines that reach a Debian mirror but no image registry. Needs root, debootstrap and docker.
# An image that exists already is kept.
set -eu
me=base-image.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
. "$here/lib/debootstrap.sh"

[ $# -ge 1 ] || die "usage: base-image.sh SUITE [IMAGE]"
image=${2:-bpfskel-debian:$1}
have docker || die "docker is missing"
! docker image inspect "$image" >/dev/null 2>&1 || exit 0
tarball=$(debian_root "$1")
docker import -c 'CMD ["/bin/bash"]' "$tarball" "$image" >/dev/null
