#!/bin/bash
# test-vm.sh [KERNEL]...: run the tests of the kernel layer on other kernels, in guests; 5.10, 6.1, 6.12 and 7 by default.
#
# The tests are static binaries, built once; each guest runs all of them, with its kernel's log in build/vm. Prints the
# tests that fail, a matrix of features by kernel, and one line of counts. internal/test/kernels/README.md must have that
# matrix; WRITE=1 writes it there. VM_TESTS replaces the packages below.
set -euo pipefail
me=test-vm.sh
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.."
. scripts/lib/common.sh

kernels=("$@")
[ $# -gt 0 ] || kernels=(5.10 6.1 6.12 7)
packages=${VM_TESTS:-./internal/test/kernels ./cgo/libbpf ./pkg/uapi ./pkg/internal/bpf ./pkg/skel ./pkg/ringbuf}
# Packages whose tests also run without cgo, over the back end light.
light=${VM_LIGHT-./internal/test/kernels ./pkg/light ./pkg/skel ./pkg/ringbuf}
# Some objects of these tests need a kernel newer than 5.10: programs of type syscall, bloom filters.
newer='pkg/skel pkg/ringbuf'
made=build/vm
rm -rf "$made"
mkdir -p "$made/guest"

# Symbols stay in, for the uprobes that the tests set on themselves.
build_tests() {
	local package
	for package in $packages; do
		mkdir -p "$made/guest/$package"
		[ ! -d "$package/testdata" ] || cp -R "$package/testdata" "$made/guest/$package"
		sh scripts/env.sh --static go test -c -ldflags=-linkmode=external -o "$made/guest/$package/test" "$package"
	done
	for package in $light; do
		mkdir -p "$made/guest/light/$package"
		[ ! -d "$package/testdata" ] || cp -R "$package/testdata" "$made/guest/light/$package"
		CGO_ENABLED=0 "${GO:-go}" test -c -ldflags=-s=false -o "$made/guest/light/$package/test" "$package"
	done
	mkdir -p "$made/guest/skelgen"
	cp -R skelgen/testdata "$made/guest/skelgen"
	# The tools, for the one package that loads them.
	if [ -e build/real/complete ] && [ -d "$made/guest/skelgen/internal/test/lighttest" ]; then
		mkdir -p "$made/guest/build"
		cp -R build/real "$made/guest/build"
	fi
}

# A guest runs each test binary in the folder of its package, as go test does. It leaves out tests that need Go, a
# compiler or the sources, tests for leaks, which are the same on every kernel, and tests that use up the mappings of a
# process or gigabytes of addresses, for which a guest is too small.
cat > "$made/guest/all" <<'END'
#!/bin/sh
export BPFSKEL_GUEST=1 NOT_IN_A_GUEST='^(TestAThousandLives|TestAHundredFailedLoads|TestEveryConstantHasAName|TestNumbersEqualSysUnix|TestNamesAreLibbpfs|TestEveryDescriptorIsTried|TestEveryNumberIsTried|TestEveryTextIsTried|TestEveryTypeIsTriedAsNil|TestGuestPerfReaderPicksUpCPUs|TestNoRoomForAMappingLeavesNoHole|TestAnArenaDoesNotReplaceAMapping)$'
echo "release: $(uname -r)"
status=0
for test in $(find /guest -name test -type f); do
	package=${test#/guest/}
	case " $NOT_HERE " in *" ${package%/test} "*) echo "ended: $test" && continue ;; esac
	cd "$(dirname "$test")"
	only=
	case $package in light/*) [ -z "$NOT_HERE" ] || only='^TestGuestWithoutLibbpf$' ;; esac
	./test -test.v -test.run "$only" -test.short -test.timeout "${TIMEOUT}s" -test.skip "$NOT_IN_A_GUEST" 2>&1 || status=1
	echo "ended: $test"
done
exit $status
END
chmod +x "$made/guest/all"

# A second processor that comes and goes, for perf buffers, in a guest with two.
cat > "$made/guest/hotplug" <<'END'
#!/bin/sh
export BPFSKEL_GUEST=1
cd /guest/pkg/ringbuf && ./test -test.v -test.timeout 100s -test.run '^TestGuestPerfReaderPicksUpCPUs$' 2>&1
END

# One processor: with more, emulation panics when a kernel patches its own code for a tracepoint.
run_kernel() { # KERNEL
	local start=$SECONDS status=0 not_here=
	[ "$1" != 5.10 ] || not_here=$newer
	VM_LOG=$made/$1.kernel.log scripts/vm.sh -t "${VM_TIMEOUT:-600}" -m 1024 -k sch_ingress -k cls_bpf -f "$made/guest:/guest" \
		"$(scripts/vm-kernel.sh "$1")" env "NOT_HERE=$not_here" "TIMEOUT=${VM_TIMEOUT:-200}" sh /guest/all > "$made/$1.log" 2> "$made/$1.err" || status=$?
	[ -n "$not_here" ] || [ ! -d "$made/guest/pkg/ringbuf" ] ||
		VM_LOG=$made/$1.hotplug.log scripts/vm.sh -c 2 -t 120 -f "$made/guest/pkg/ringbuf/test:/guest/pkg/ringbuf/test" \
			-f "$made/guest/hotplug" "$(scripts/vm-kernel.sh "$1")" sh /guest/hotplug \
			>> "$made/$1.log" 2>> "$made/$1.err" || status=$?
	echo "status: $status" >> "$made/$1.log"
	echo "seconds: $((SECONDS - start))" >> "$made/$1.log"
	[ ! -s "$made/$1.err" ] || cat "$made/$1.err" >&2
}

build_tests
for kernel in "${kernels[@]}"; do run_kernel "$kernel"; done
# The page has the matrix of all kernels and tests.
page=()
if [ $# -eq 0 ] && [ -z "${VM_TESTS-}" ]; then
	page=(-page internal/test/kernels/README.md ${WRITE:+-write})
fi
exec "${GO:-go}" run ./scripts/vmmatrix "${page[@]}" -tests "$(find "$made/guest" -name test -type f | wc -l)" \
	"$made" "${kernels[@]}"
