#!/bin/sh
# docker-nonroot.sh IMAGE [CAPABILITIES]: make IMAGE:nonroot of IMAGE, run by nobody, with capabilities in the program's file.
#
# CAPABILITIES are in the form of setcap(8), by default cap_bpf,cap_perfmon. Any engine works: the file is added with its
# attributes as a tar archive. To run the image, the engine must know those capabilities. Needs setcap and root.
set -eu
me=docker-nonroot.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"

[ $# -ge 1 ] || die "usage: docker-nonroot.sh IMAGE [CAPABILITIES]"
image=$1 capabilities=${2:-cap_bpf,cap_perfmon}
have setcap || die "setcap is missing: apt-get install libcap2-bin"
work=$(mktemp -d)
container=$(docker create "$image") || die "no image $image"
trap 'docker rm "$container" >/dev/null; rm -rf "$work"' EXIT
docker cp -q "$container:/program" "$work/program" >/dev/null
setcap "$capabilities+ep" "$work/program"
tar -C "$work" --xattrs --xattrs-include=security.capability --numeric-owner --owner=0 --group=0 -c program |
	docker import -c 'USER 65534:65534' -c 'ENTRYPOINT ["/program"]' - "$image:nonroot" >/dev/null
