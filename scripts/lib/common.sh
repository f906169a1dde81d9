# Sourced by the scripts in the parent folder: their messages and failures. POSIX sh.
# The script sets $me (its name) before it sources this file.

die() {
	echo "${me:?}: $*" >&2
	exit 1
}

# Progress is printed to a terminal only.
note() {
	[ ! -t 2 ] || echo "${me:?}: $*" >&2
}

have() { command -v "$1" >/dev/null 2>&1; }

# version_at_least HAVE WANT: dotted numbers, compared part by part.
version_at_least() {
	awk -v have="$1" -v want="$2" 'BEGIN {
		n = split(want, w, "."); split(have, h, ".")
		for (i = 1; i <= n; i++) {
			if (h[i] + 0 > w[i] + 0) exit 0
			if (h[i] + 0 < w[i] + 0) exit 1
		}
		exit 0
	}'
}

# The cache folder, for scripts that cannot or should not write into the checkout.
user_cache() {
	echo "${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/bpfskel"
}

# hash_files: the sha256 over names and contents of the files named on stdin, in a fixed order.
hash_files() {
	LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum | cut -c1-64
}

# PKG_CONFIG_PATH without the libbpf that libbpf.sh made, which would hide the distribution's.
foreign_pkg_config_path() {
	echo "${PKG_CONFIG_PATH-}" | tr : '\n' | while read -r folder; do
		[ -z "$folder" ] || [ -f "$folder/../../stamp" ] || echo "$folder"
	done | tr '\n' : | sed 's/:$//'
}
