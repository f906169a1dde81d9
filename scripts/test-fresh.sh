#!/bin/sh
# test-fresh.sh [SUITE [COMMAND]]: a new machine in a container: minimal Debian SUITE (default trixie), git, make and a
# Go toolchain, nothing else. Clones this checkout's HEAD and runs COMMAND there (default: make run && make test).
#
# Debian 13 and later bring their own Go; older ones get this machine's. Needs docker, and what base-image.sh needs.
# The kernel is this machine's: SYS_ADMIN stands for CAP_BPF, CAP_PERFMON and the right to mount tracefs and bpffs.
set -eu
me=test-fresh.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"

suite=${1:-trixie} command=${2:-make run && make test}
image=bpfskel-debian:$suite
sh "$here/base-image.sh" "$suite" "$image"
packages='git make'
set -- -v "$root:/src:ro"
case $suite in
	bullseye | bookworm) set -- "$@" -v "$(go env GOROOT):/usr/local/go:ro" ;;
	*) packages="$packages golang-go" ;;
esac
for name in GOPROXY GOSUMDB GONOSUMDB; do
	set -- "$@" -e "$name=$(go env "$name")"
done
docker run --rm --cap-add SYS_ADMIN --cap-add SYS_PTRACE --security-opt apparmor=unconfined "$@" \
	-e "CI=${CI-}" -e "COMMAND=$command" -e "PACKAGES=$packages" "$image" bash -euc '
		export PATH=/usr/local/go/bin:$PATH DEBIAN_FRONTEND=noninteractive
		apt-get -qq update
		apt-get -qq install -y --no-install-recommends $PACKAGES >/dev/null 2>&1
		git config --global --add safe.directory "*"
		git clone -q file:///src /root/bpfskel
		cd /root/bpfskel
		eval "$COMMAND"
	' </dev/null
