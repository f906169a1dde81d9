#!/bin/bash
# fourways.sh: one small tool, written four times, does the same; with the skeleton it is the shortest and names nothing.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

without_network() {
	[ "${CI-}" != true ] && [[ $err == *"dial tcp"* || $err == *"module lookup disabled"* ]]
}

# cilium/ebpf asks for a newer Go than we do, which Debian 13 lacks.
skip_where_go_is_too_old() {
	[[ $err != *"requires go >= "* ]] || skip "the peers need a newer Go: $err"
}

test_the_same_tool_in_c_and_three_times_in_go() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ "$(readlink /proc/self/ns/pid)" = 'pid:[4026531836]' ] ||
		skip "the tools know themselves by the kernel's PID, which this container hides: docker run --pid=host"
	[ -x "$root/build/bin/skelgen" ] || skip "needs build/bin/skelgen: run make first"
	run sh "$scripts/fourways.sh" --table
	! without_network || skip "the peers' modules are not here: $err"
	skip_where_go_is_too_old
	expect_status 0
	expect_match "$(cat "$root/build/fourways/c.txt")" $'call 1: error 0\n*7 calls, 2 failures\nerror 0: 5 times\nerror 3: 2 times'
	# | name | lines | names |
	local way columns
	declare -A lines names
	for way in skeleton libbpfgo bpf2go; do
		columns=$(awk -F'|' -v way="$way" '$2 ~ way && !seen++ { print $3, $4 }' <<< "$out")
		read -r "lines[$way]" "names[$way]" <<< "$columns"
	done
	for way in libbpfgo bpf2go; do
		[ "${lines[skeleton]}" -lt "${lines[$way]}" ] || fail "the skeleton does not save lines: $out"
	done
	expect_equal "${names[skeleton]}" 0
	expect_match "$(cat "$root/scripts/bench/README.md")" "*$out*"
	[ "${names[libbpfgo]}" -gt 0 ] || fail "names are not counted: $out"
}

test_maps_and_programs_are_shared_with_the_peers() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cd "$scripts/bench" || fail "no bench"
	sh "$scripts/bench.sh" -help > /dev/null 2>&1 || true # generates the packages that the module imports
	run sh "$scripts/env.sh" "${GO:-go}" test -count=1 .
	! without_network || skip "the peers' modules are not here: $err"
	skip_where_go_is_too_old
	expect_status 0
	expect_match "$out" 'ok*'
}

run_tests "$@"
