#!/bin/sh
# mounts.sh: mount tracefs (tracepoint programs attach through it) and bpffs (pins) if they are missing and this
# process is allowed to. It never fails: programs that need one of them report that.
set -eu

# mount_at TYPE FOLDER
mount_at() {
	grep -q " $2 $1 " /proc/mounts && return
	[ -d "$2" ] || return 0
	mount -t "$1" "$1" "$2" 2>/dev/null || echo "mounts.sh: $1 is not mounted; to mount it: mount -t $1 $1 $2" >&2
}

[ "$(uname)" = Linux ] || exit 0
[ -d /sys/kernel/debug/tracing/events ] || mount_at tracefs /sys/kernel/tracing
mount_at bpf /sys/fs/bpf
