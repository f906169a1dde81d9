# Sourced by libbpf.sh: finds libbpf's sources, and hashes them. POSIX sh.
# Needs common.sh, apt.sh and $root.

# The version this project is made for. They belong together: the submodule's commit is in git, the tarball is
# Debian's, and the tree is tree_hash of either (their sources are the same, byte for byte).
pinned_version=1.7.0
pinned_tarball=7ab5feffbf78557f626f2e3e3204788528394494715a30fc2070fcddc2051b7b
pinned_tree=a04a0408b6bd7061e1cb0f254611d6d3f5ded43f0592f96cd9a2e272881f2b90

submodule_is_there() { [ -f "$root/libbpf/src/libbpf.c" ]; }

# The source that does not need the network: a folder or a tarball; nothing if there is none.
local_source() {
	if [ -n "${LIBBPF_SRC-}" ]; then
		[ -e "$LIBBPF_SRC" ] || die "LIBBPF_SRC=$LIBBPF_SRC: no such folder or file"
		[ ! -d "$LIBBPF_SRC" ] || [ -f "$LIBBPF_SRC/src/libbpf.c" ] ||
			die "LIBBPF_SRC=$LIBBPF_SRC: not libbpf's source tree (no src/libbpf.c)"
		readlink -f "$LIBBPF_SRC"
	elif submodule_is_there; then
		echo "$root/libbpf"
	fi
}

# tree_hash DIR: a hash of all files that a build reads, without the files that an earlier build in DIR may have left.
tree_hash() {
	(cd "$1" && find src include -type f \( -name '*.[ch]' -o -name Makefile -o -name '*.map' -o -name '*.template' \) |
		hash_files)
}

# expected_identity: the identity of the source that a build would use now, if it is known without the network.
expected_identity() {
	expected=$(local_source)
	if [ -z "$expected" ]; then
		echo "tree $pinned_tree"
	elif [ -d "$expected" ]; then
		echo "tree $(tree_hash "$expected")"
	elif is_pinned "$expected"; then
		echo "tree $pinned_tree"
	else
		echo "tarball $(sha256sum < "$expected" | cut -c1-64)"
	fi
}

# source_version TREE: such as 1.7.0; nothing if it is unknown.
source_version() {
	sed -n 's/^#define LIBBPF_\(MAJOR\|MINOR\)_VERSION \([0-9]*\)$/\2/p' "$1/src/libbpf_version.h" 2>/dev/null |
		tr '\n' '.' | sed 's/\.$//'
}

# fetch_source WORK: the source from the network, as a folder or a tarball.
fetch_source() {
	if fetch_submodule; then
		echo "$root/libbpf"
	else
		tarball=$(user_cache)/libbpf-$pinned_version.orig.tar.gz
		if is_pinned "$tarball" || fetch_debian "$1" "$tarball"; then
			echo "$tarball"
		elif fetch_clone "$1/clone"; then
			echo "$1/clone"
		fi
	fi
}

# Quiet: offline, or outside a clone, the next source is tried. The limit is for networks that drop packets.
fetch_submodule() {
	[ -e "$root/.git" ] && have git || return 1
	note "fetching the submodule libbpf"
	GIT_TERMINAL_PROMPT=0 timeout 180 git -C "$root" submodule update --init --depth 1 libbpf >/dev/null 2>&1 9>&- &&
		submodule_is_there
}

# fetch_clone FOLDER: for a folder that is not a git checkout, such as Go's module cache, on machines without Debian. The
# clone must have the hash of the pinned sources.
fetch_clone() {
	have git || return 1
	note "fetching libbpf $pinned_version"
	GIT_TERMINAL_PROMPT=0 timeout 180 git clone -q --depth 1 --branch "v$pinned_version" \
		https://github.com/libbpf/libbpf "$1" >/dev/null 2>&1 9>&- && [ "$(tree_hash "$1")" = "$pinned_tree" ]
}

is_pinned() {
	[ -f "$1" ] && [ "$(sha256sum < "$1" | cut -c1-64)" = "$pinned_tarball" ]
}

# fetch_debian WORK TARBALL: from the suites that have the pinned version, on any suite of this machine.
fetch_debian() {
	[ -n "$(debian_mirror)" ] && have apt-get || return 1
	for suite in forky sid; do
		state=$1/apt-$suite
		note "fetching libbpf $pinned_version from Debian ($suite)"
		private_apt_setup "$state" deb-src debian "$suite" >>"$1/apt.log" 2>&1 || continue
		(cd "$state" && private_apt "$state" get source --tar-only --download-only libbpf) >>"$1/apt.log" 2>&1 || true
		found=$(find "$state" -maxdepth 1 -name 'libbpf_*.orig.tar.gz')
		if is_pinned "$found"; then
			mkdir -p "$(dirname "$2")" && cp "$found" "$2.$$" && mv "$2.$$" "$2"
			return
		fi
	done
	return 1
}

no_source_message() {
	echo "no source of libbpf: the submodule is not checked out and cannot be fetched, nor can Debian's source" \
		"package $pinned_version (is there a network?). LIBBPF_SRC=DIR|TARBALL names one; LIBBPF=system takes the system's."
}

# unpack_source SOURCE WORK: the folder to build.
unpack_source() {
	if [ -d "$1" ]; then
		echo "$1"
		return
	fi
	mkdir "$2/src"
	tar -xf "$1" -C "$2/src" 2>/dev/null || die "$1: not a tarball of libbpf"
	top=$(find "$2/src" -maxdepth 4 -path '*/src/libbpf.c' | head -n 1)
	[ -n "$top" ] || die "$1: not a tarball of libbpf (no src/libbpf.c)"
	dirname "$(dirname "$top")"
}
