#!/bin/bash
# test-arm64.sh [KERNEL]...: cross-compile, start the binary under qemu's user emulation, run it on arm64 kernels in guests.
# The same without libbpf, for which Go alone cross-compiles.
#
# 6.12 by default; 6.1 and 7 are available too. Ends with counts.
set -uo pipefail
me=test-arm64.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1
. scripts/lib/common.sh
. scripts/lib/checks.sh

kernels=("$@")
[ $# -gt 0 ] || kernels=(6.12)
binary=build/static/arm64/minimal
emulator=$(command -v qemu-aarch64 || command -v qemu-aarch64-static) || die "qemu-aarch64 is missing: run scripts/deps.sh cross"

check "it cross-compiles" env GOARCH=arm64 sh scripts/static.sh ./examples/minimal "$binary"
check "it is for arm64" prints 'Machine: *AArch64' readelf -hW "$binary"
check "it has no interpreter and no dynamic section" prints_no 'INTERP|DYNAMIC' readelf -lW "$binary"
check "it is at most 5 MB" at_most 5000000 "$(stat -c %s "$binary" 2>/dev/null || echo missing)"
check "it starts under user emulation" prints '^Usage' "$emulator" "$binary" -h
check "there, where bpf(2) is missing, it says why it cannot load" fails_in_one_line 'not implemented' "$emulator" "$binary"
light=build/static/arm64/light/minimal
check "it cross-compiles without a C compiler" env CGO_ENABLED=0 CC=false GOARCH=arm64 "${GO:-go}" build -trimpath -ldflags='-s -w' -o "$light" ./examples/minimal
check "that has no interpreter and no dynamic section" prints_no 'INTERP|DYNAMIC' readelf -lW "$light"
check "that is at most 2.5 MB" at_most 2500000 "$(stat -c %s "$light" 2>/dev/null || echo missing)"
for kernel in "${kernels[@]}"; do
	check "events come out on an arm64 kernel $kernel" prints '^[1-9][0-9]* system calls, [1-9]' \
		scripts/vm.sh -f "$binary" "$(scripts/vm-kernel.sh --goarch arm64 "$kernel")" \
		sh -c "while :; do true && /bin/true; done & ./minimal -duration 2500ms"
	check "events come out there without libbpf" prints '^[1-9][0-9]* system calls, [1-9]' \
		scripts/vm.sh -f "$light" "$(scripts/vm-kernel.sh --goarch arm64 "$kernel")" \
		sh -c "while :; do true && /bin/true; done & ./minimal -duration 2500ms"
done
finish
