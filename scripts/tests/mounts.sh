#!/bin/bash
# shellcheck disable=SC2016 # the inner shell expands it
# mounts.sh: it mounts what is missing if it may; else it prints the commands.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# in_a_namespace COMMAND: runs COMMAND as root of a new mount namespace, without tracefs and bpffs.
in_a_namespace() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	run unshare --mount sh -euc '
		for folder in /sys/kernel/debug /sys/kernel/tracing /sys/fs/bpf; do
			while umount "$folder" 2>/dev/null; do :; done
		done
		! grep -e " /sys/kernel/tracing tracefs " -e " /sys/fs/bpf bpf " /proc/mounts >&2
		'"$1"
}

test_mounts_what_is_missing_and_only_once() {
	in_a_namespace "
		sh '$scripts/mounts.sh'
		test -d /sys/kernel/tracing/events/syscalls || test -d /sys/kernel/tracing/events/raw_syscalls
		sh '$scripts/mounts.sh'
		grep -c -e ' /sys/kernel/tracing tracefs ' -e ' /sys/fs/bpf bpf ' /proc/mounts"
	expect_status 0
	expect_equal "$out$err" 2
}

test_without_the_right_it_says_how_and_fails_nothing() {
	in_a_namespace "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin sh '$scripts/mounts.sh'"
	expect_status 0
	expect_equal "$err" "mounts.sh: tracefs is not mounted; to mount it: mount -t tracefs tracefs /sys/kernel/tracing
mounts.sh: bpf is not mounted; to mount it: mount -t bpf bpf /sys/fs/bpf"
}

run_tests "$@"
