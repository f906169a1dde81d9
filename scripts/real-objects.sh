#!/bin/sh
# real-objects.sh DIR [NAME...]: compile the BPF side of bcc's libbpf-tools, 57 tools in daily use, to DIR/NAME.bpf.o.
#
# The sources are from Debian's package bpfcc, and are kept in the user's cache. Prints the number of objects, and of
# failures with their reasons, and exits 1 if there were any.
set -eu
me=real-objects.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"
sources=$(user_cache)/libbpf-tools

# A mirror may lack some suite's files.
fetch() {
	mkdir -p "$(dirname "$sources")"
	work=$(mktemp -d "$sources.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	for suite in forky sid trixie; do
		note "fetching bpfcc's source package ($suite)"
		state=$work/$suite
		private_apt_setup "$state" deb-src debian "$suite" >>"$work/log" 2>&1 || continue
		(cd "$state" && private_apt "$state" get source --tar-only --download-only bpfcc) >>"$work/log" 2>&1 || true
		tarball=$(find "$state" -maxdepth 1 -name 'bpfcc_*.orig.tar.*' | head -n 1)
		[ -z "$tarball" ] || break
	done
	[ -n "${tarball-}" ] || die "Debian's source package bpfcc cannot be fetched (is there a network?)"
	mkdir "$work/new"
	tar -xf "$tarball" -C "$work/new" --strip-components=2 --wildcards '*/libbpf-tools/*'
	mv -T "$work/new" "$sources" 2>/dev/null || [ -d "$sources" ]
	rm -rf "$work"
	trap - EXIT
}

[ $# -ge 1 ] || die "usage: real-objects.sh DIR [NAME...]"
[ -d "$sources" ] || fetch
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift
# shellcheck disable=SC2046 # one word per name
[ $# -gt 0 ] || set -- $(find "$sources" -name '*.bpf.c' -exec basename {} .bpf.c \; | sort)
case $(uname -m) in x86_64) arch=x86 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
made=0 failed=0
for name; do
	if sh "$here/bpfcc.sh" "$sources/$name.bpf.c" "$out/$name.bpf.o" "-I$arch" 2>"$log"; then
		made=$((made + 1))
	else
		failed=$((failed + 1))
		echo "$me: $name: $(grep -m1 error: "$log" || head -n 1 "$log")" >&2
	fi
done
echo "$made objects in $out, $failed failed"
[ "$failed" -eq 0 ]
