# Sourced: minimal Debian systems made from packages alone. POSIX sh. Needs common.sh and apt.sh.

# debian_root SUITE: print the tarball of a minimal system, made the first time and kept in the user's cache.
# It is debootstrap's variant minbase, with the mirror, the apt settings and the certificates of this machine, so that
# apt and Go work inside as they do here. Making it needs root.
debian_root() {
	root_tarball=$(user_cache)/debian-root/$1.tar
	[ -f "$root_tarball" ] || make_debian_root "$1" "$root_tarball" || return 1
	echo "$root_tarball"
}

make_debian_root() (
	have debootstrap || sh "$here/deps.sh" docker || exit
	mirror=$(debian_mirror)
	[ -n "$mirror" ] || die "no Debian mirror in this machine's apt configuration"
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	note "debootstrap $1"
	# An older debootstrap does not know a newer suite, whose recipe is sid's.
	recipe=/usr/share/debootstrap/scripts/$1
	[ -e "$recipe" ] || recipe=/usr/share/debootstrap/scripts/sid
	debootstrap --variant=minbase "$1" "$work/root" "$mirror" "$recipe" >"$work/log" 2>&1 || {
		tail -n 20 "$work/log" >&2
		die "debootstrap $1 failed"
	}
	apt-config dump | grep '^Acquire::' | grep -v '^Acquire::IndexTargets' > "$work/root/etc/apt/apt.conf.d/50acquire"
	mkdir -p "$work/root/etc/ssl/certs" "$(dirname "$2")"
	cp -L /etc/ssl/certs/ca-certificates.crt "$work/root/etc/ssl/certs/"
	rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/*
	tar -C "$work/root" -cf "$2.$$" .
	mv "$2.$$" "$2"
)
