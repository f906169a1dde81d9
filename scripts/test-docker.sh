#!/bin/bash
# test-docker.sh: build the image of the smallest example and run it as the README says, without --privileged; then run
# the tests that use the kernel as root of a container with few rights.
#
# Prints one line per check and ends with counts. Needs a Docker engine and root. SUITES are the Debian suites of those
# containers (bookworm). Other packages' tests do not depend on rights.
set -uo pipefail
me=test-docker.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1
. scripts/lib/common.sh
. scripts/lib/checks.sh

image=${IMAGE:-bpfskel-minimal}
inspect() { docker image inspect -f "$1" "$image"; }
one_file_only() { [ "$(docker export "$(docker create "$image")" | tar -t | grep -vE '^(dev|etc|proc|sys|\.dockerenv)(/|$)')" = program ]; }

# An engine that is older than CAP_BPF and CAP_PERFMON needs CAP_SYS_ADMIN instead of both.
pick_capabilities() {
	capabilities=(--cap-add=BPF --cap-add=PERFMON)
	if ! docker run --rm --cap-drop=ALL "${capabilities[@]}" "$image" -h >/dev/null 2>&1; then
		capabilities=(--cap-add=SYS_ADMIN)
	fi
	echo "this engine: ${capabilities[*]}"
}
run() { docker run --rm --cap-drop=ALL "$@"; }
tracefs=(-v /sys/kernel/tracing:/sys/kernel/tracing:ro)

docker version >/dev/null 2>&1 || die "no Docker engine can be reached"
sh scripts/mounts.sh
start=$SECONDS
sh scripts/docker.sh ./examples/minimal "$image" || exit 1
echo "built in $((SECONDS - start)) s"
start=$SECONDS
sh scripts/docker.sh ./examples/minimal "$image" || exit 1
echo "built again in $((SECONDS - start)) s"
pick_capabilities
check "the image has one file" one_file_only
check "it is at most 6 MB" at_most 6000000 "$(inspect '{{.Size}}')"
check "it names no user" prints '^$' inspect '{{.Config.User}}'
check "it has a title" prints bpfskel inspect '{{index .Config.Labels "org.opencontainers.image.title"}}'
check "it has a license" prints BSD-2-Clause inspect '{{index .Config.Labels "org.opencontainers.image.licenses"}}'
check "events come out" prints '^[1-9][0-9]* system calls, [1-9]' run "${capabilities[@]}" "${tracefs[@]}" "$image" -duration 2500ms
check "without tracefs the message says so" fails_in_one_line 'tracefs is not mounted' run "${capabilities[@]}" "$image"
check "without capabilities the message names them" fails_in_one_line 'CAP_BPF' run "${tracefs[@]}" "$image"
check "no network and a read-only root are enough" prints '^[1-9][0-9]* system calls' \
	run "${capabilities[@]}" "${tracefs[@]}" --network none --read-only "$image" -duration 1500ms
# The same for a user other than root, with the capability that this engine can grant.
if [ "${capabilities[0]}" = --cap-add=SYS_ADMIN ]; then file=cap_sys_admin,cap_dac_read_search; else file=cap_bpf,cap_perfmon,cap_dac_read_search; fi
check "an image for another user is made" sh scripts/docker-nonroot.sh "$image" "$file"
check "events come out for another user than root" prints '^[1-9][0-9]* system calls, [1-9]' \
	run "${capabilities[@]}" --cap-add=DAC_READ_SEARCH "${tracefs[@]}" "$image:nonroot" -duration 2500ms
if [ ! -e libbpf/src/Makefile ]; then
	skip_check "the image made on Alpine" "libbpf's submodule is not checked out, and Alpine has no source package of it"
elif ! timeout 60 docker pull -q alpine:3.22 >/dev/null 2>&1; then
	skip_check "the image made on Alpine" "no image registry can be reached"
else
	check "the image made on Alpine" docker build -f scripts/Dockerfile.alpine -t "$image:alpine" .
fi

kernel_packages="./cgo/... ./internal/... ./pkg/... ./examples/... ./skelgen/internal/test/twintest ./skelgen/internal/test/ctest"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# tests_inside SUITE: adds the counts of the tests in a container; a test that lacks a right names it.
tests_inside() {
	local start=$SECONDS status=0 p=0 f=1 s=0
	sh scripts/container.sh "$1" "make run && make test CI_SUITES= TEST_PACKAGES='$kernel_packages'" > "$log" 2>&1 || status=$?
	check "make run as root of a container of $1" grep -qE '^[1-9][0-9]* system calls, [1-9]' "$log"
	read -r p f s < <(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$log" | tail -n 1)
	if [ "$status" != 0 ]; then
		echo "FAIL: make test as root of a container of $1"
		tail -n 200 "$log"
	fi
	[ "$status" = 0 ] || [ "${f:-0}" != 0 ] || f=1
	grep '^skipped: ' "$log"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	echo "$1: $p passed, $f failed, $s skipped in $((SECONDS - start)) s"
}
for suite in ${SUITES:-bookworm}; do tests_inside "$suite"; done
docker ps -aq --filter "ancestor=$image" --filter status=created | xargs -r docker rm >/dev/null
finish
