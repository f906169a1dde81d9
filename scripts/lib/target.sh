# Sourced: the needs of a build for another machine, or with another C library. POSIX sh. Needs common.sh.

# build_folder ROOT: the folder for files made for that checkout: in it or, if it is read-only, in the user's cache.
build_folder() {
	case $1 in *@v[0-9]*) user_cache && return ;; esac
	if [ -w "$1" ] && [ -n "$(find "$1" -maxdepth 0 -perm -200)" ]; then echo "$1/build"; else user_cache; fi
}

# static_target: nothing for this machine's own compiler, musl for a musl compiler, else the GOARCH to build for.
static_target() {
	case $(basename "${CC:-cc}") in
		*musl*) echo musl && return ;;
	esac
	[ "${GOARCH:-$(go env GOHOSTARCH)}" = "$(go env GOHOSTARCH)" ] || echo "$GOARCH"
}

# use_target TARGET ROOT: set and export the variables that its compiler and pkg-config need, so that they do not find
# this machine's own libraries. Kernel headers that musl's folder lacks are the machine's, after all others.
use_target() {
	case $1 in
		'') return ;;
		musl)
			BPFSKEL_KERNEL_HEADERS="-idirafter /usr/include -idirafter /usr/include/$(cc -print-multiarch)"
			CFLAGS="${CFLAGS:--g -O2} $BPFSKEL_KERNEL_HEADERS"
			CGO_CFLAGS="${CGO_CFLAGS--O2 -g} $BPFSKEL_KERNEL_HEADERS"
			export CC CFLAGS CGO_CFLAGS
			;;
		arm64) cross_compiler aarch64-linux-gnu-gcc ;;
		amd64) cross_compiler x86_64-linux-gnu-gcc ;;
		*) die "GOARCH=$1: static builds are made for amd64 and arm64" ;;
	esac
	PKG_CONFIG_LIBDIR=$(sh "$2/scripts/sysroot.sh" "$1")/lib/pkgconfig
	BPFSKEL_PREFIX=${BPFSKEL_PREFIX:-$(build_folder "$2")/libbpf-$1}
	PKG_CONFIG_PATH=
	export PKG_CONFIG_LIBDIR BPFSKEL_PREFIX PKG_CONFIG_PATH
}

cross_compiler() {
	CC=${CC:-$1}
	have "$CC" || die "no compiler for $GOARCH ($CC): run scripts/deps.sh cross"
	CGO_ENABLED=1
	export CC GOARCH CGO_ENABLED
}
