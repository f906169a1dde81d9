#!/bin/bash
# test-reproducible.sh [--docker]: two builds of one commit have the same bytes, the program and the BPF object.
#
# Clones HEAD into two folders of different lengths; the second build has a new cache. With --docker it also builds in
# an image of this machine's Debian with this machine's Go: the same compilers, another file system.
set -uo pipefail
me=test-reproducible.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cd "$root" || exit 1
. scripts/lib/common.sh
. scripts/lib/checks.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
program=build/static/$(go env GOHOSTARCH)/minimal object=build/bpf/minimal/minimal.bpf.o

# build FOLDER [CACHE]: a clone with the sources of libbpf that this checkout uses, so that the network does not matter.
build() {
	git clone -q --no-hardlinks "$root" "$1" || return
	rmdir "$1/libbpf" && cp -R libbpf "$1/libbpf" && rm -f "$1/libbpf/.git"
	GOCACHE=${2:-$(go env GOCACHE)} make -C "$1" static CMD=./examples/minimal
}

cmp_files() { # FILE FILE
	sha256sum "$1" "$2"
	cmp "$1" "$2"
}

# build_in_docker: the program of an image, built on this machine's Debian with its Go, as $work/docker.
build_in_docker() {
	local suite container
	suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	sh scripts/base-image.sh "$suite" "bpfskel-debian:$suite" || return
	mkdir "$work/base"
	cp -R "$(go env GOROOT)" "$work/base/go"
	printf 'FROM %s\nCOPY go /usr/local/go\n' "bpfskel-debian:$suite" > "$work/base/Dockerfile"
	DOCKER_BUILDKIT=0 docker build -q -t "bpfskel-debian-go:$suite" "$work/base" || return
	BASE=bpfskel-debian-go:$suite sh "$work/a/scripts/docker.sh" ./examples/minimal bpfskel-reproducible || return
	container=$(docker create bpfskel-reproducible)
	docker cp -q "$container:/program" "$work/docker"
	docker rm "$container" >/dev/null
}

check "it builds in one folder" build "$work/a"
check "it builds in another" build "$work/another/folder-with-more-in-its-name/b" "$work/cache"
check "the programs are the same" cmp_files "$work/a/$program" "$work/another/folder-with-more-in-its-name/b/$program"
check "the BPF objects are the same" cmp_files "$work/a/$object" "$work/another/folder-with-more-in-its-name/b/$object"
if [ "${1-}" = --docker ]; then
	check "it builds in Docker" build_in_docker
	check "the program of the image is the same" cmp_files "$work/a/$program" "$work/docker"
fi
finish
