#!/bin/sh
# bpftool.sh ARG...: the bpftool that this project's headers are compared with, on any distribution.
# bpftool.sh --command: print the command line that it runs, for callers that time it or call it often.
#
# It is Debian forky's (7.8 with libbpf 1.8, which generates the same skeletons as 7.7 with libbpf 1.7), unpacked with
# its own libc into the user's cache and started by that libc's loader. Nothing is installed.
set -eu
me=bpftool.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
install_dir=$(user_cache)/bpftool-forky

fetch() {
	have dpkg-deb || die "no dpkg-deb: the reference bpftool comes from Debian's packages"
	mkdir -p "$(dirname "$install_dir")"
	work=$(mktemp -d "$install_dir.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	note "fetching Debian's bpftool"
	private_apt_packages "$work" forky bpftool libc6 libcap2 libelf1t64 libssl3t64 zlib1g libzstd1 ||
		die "bpftool of Debian forky cannot be fetched (is there a network?): $(tail -n 1 "$work/log")"
	# If another run was faster, its result is the same.
	mv -T "$work/root" "$install_dir" 2>/dev/null || [ -x "$install_dir/usr/sbin/bpftool" ]
	rm -rf "$work"
	trap - EXIT
}

[ -x "$install_dir/usr/sbin/bpftool" ] || fetch
libraries=$(dirname "$(find "$install_dir/usr/lib" -name 'libc.so.6' | head -n 1)")
loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux*.so*' | head -n 1)
if [ "${1-}" = --command ]; then
	echo "$loader --library-path $libraries $install_dir/usr/sbin/bpftool"
	exit
fi
exec "$loader" --library-path "$libraries" "$install_dir/usr/sbin/bpftool" "$@"
