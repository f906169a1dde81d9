#!/bin/sh
# docker.sh CMD IMAGE [DOCKERFILE]: build the image IMAGE of the program in the folder CMD.
#
# BASE names the base image. The default is the Dockerfile's own if it is present or a registry can be reached, else one
# that base-image.sh makes from the same suite of Debian. The settings of `go env` for the module proxy apply inside too.
set -eu
me=docker.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"

[ $# -ge 2 ] || die "usage: docker.sh CMD IMAGE [DOCKERFILE]"
cmd=$1 image=$2 file=${3:-$root/Dockerfile}
docker version >/dev/null 2>&1 || die "no Docker engine can be reached"
# The classic builder if the client does not have another.
docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0

pick_base() {
	pinned=$(sed -n 's/^ARG BASE=//p' "$file")
	if docker image inspect "$pinned" >/dev/null 2>&1 || docker pull -q "$pinned" >/dev/null 2>&1; then
		echo "$pinned"
		return
	fi
	suite=${pinned#*:}
	suite=${suite%%-*}
	case $pinned in debian:*) ;; *) die "$pinned cannot be pulled: BASE= names another image" ;; esac
	note "$pinned cannot be pulled: making an image of Debian's $suite"
	sh "$here/base-image.sh" "$suite" "bpfskel-debian:$suite" >&2
	echo "bpfskel-debian:$suite"
}

base=${BASE:-$(pick_base)}
[ -n "$base" ] || exit 1
set -- --build-arg "BASE=$base" --build-arg "CMD=$cmd"
for name in GOPROXY GOSUMDB GONOSUMDB; do
	value=$("${GO:-go}" env "$name")
	[ -z "$value" ] || set -- "$@" --build-arg "$name=$value"
done
if revision=$(git -C "$root" rev-parse HEAD 2>/dev/null); then
	set -- "$@" --build-arg "REVISION=$revision" --build-arg "VERSION=$(git -C "$root" describe --always --tags)"
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
note "building $image"
# shellcheck disable=SC2086 # DOCKER_BUILD_FLAGS holds words
docker build ${DOCKER_BUILD_FLAGS-} "$@" -f "$file" -t "$image" "$root" >"$log" 2>&1 </dev/null || {
	tail -n 40 "$log" >&2
	die "$image does not build"
}
