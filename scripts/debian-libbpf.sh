#!/bin/sh
# debian-libbpf.sh SUITE: print the prefix of the libbpf-dev that a Debian suite ships, unpacked into the user's cache.
#
# For tests against older versions; nothing is installed. The prefix has include/ and lib/libbpf.a, and version.
# Exit status 2 and one line on stderr if it is not available: no apt, no Debian mirror, no network, no such package.
set -eu
me=debian-libbpf.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"
. "$here/lib/apt.sh"

unavailable() {
	echo "$me: $*" >&2
	exit 2
}

fetch() {
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	private_apt_packages "$work" "$suite" libbpf-dev ||
		unavailable "libbpf-dev of Debian's $suite cannot be fetched: $(tail -n 1 "$work/log")"
	mkdir -p "$work/new/lib"
	mv "$work/root/usr/include" "$work/new/include"
	find "$work/root/usr/lib" -name libbpf.a -exec mv {} "$work/new/lib/" \;
	basename "$work"/debs/libbpf-dev_*.deb | cut -d_ -f2 | sed 's/%3a/:/; s/.*://; s/-.*//' > "$work/new/version"
	[ -f "$work/new/lib/libbpf.a" ] || unavailable "libbpf-dev of Debian's $suite has no libbpf.a"
	rm -rf "$prefix.$$"
	mkdir -p "$(dirname "$prefix")"
	cp -R "$work/new" "$prefix.$$"
	mv -T "$prefix.$$" "$prefix"
}

[ $# -eq 1 ] || die "usage: debian-libbpf.sh SUITE"
suite=$1
prefix=$(user_cache)/debian-libbpf/$suite
if [ ! -f "$prefix/version" ]; then
	have dpkg-deb || unavailable "no dpkg-deb"
	fetch
fi
echo "$prefix"
