#!/bin/sh
# deps.sh [build|test|vm|cross|musl|docker]: install what this project needs and the machine lacks.
#
#   build (default)  a C compiler, clang and llvm-strip for BPF, libelf, zlib, zstd, pkg-config
#   test             build, and the other needs of the tests: a C++ compiler, strace
#   vm               test, and qemu with the tools that make its guests
#   cross            build, and a compiler for arm64, with qemu to run its programs
#   musl             build, and a compiler for the C library musl
#   docker           build, and the tools that make a base image if no registry can be reached
#
# As root with apt, it installs the packages; else it prints the command that installs them, and exits 1.
# If everything is present, it does nothing.
set -eu
me=deps.sh
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
. "$here/lib/common.sh"
. "$here/lib/clang.sh"

case ${1-build} in
	build) groups=build ;;
	test) groups='build test' ;;
	vm) groups='build test vm' ;;
	cross | musl | docker) groups="build $1" ;;
	*) die "$1: not one of build, test, vm, cross, musl, docker" ;;
esac

# One row per need: name, group, then its packages by apt, dnf, apk, pacman (',' joins two, '-' is none).
# %clang and %strip are filled in below: Debian has a package for each version.
needs='
cc          build  gcc,libc6-dev    gcc,glibc-devel                                   gcc,musl-dev,linux-headers  gcc
make        build  make             make                                              make                        make
pkg-config  build  pkg-config       pkgconf-pkg-config                                pkgconf                     pkgconf
libelf      build  libelf-dev       elfutils-libelf-devel                             libelf-static,elfutils-dev  libelf
zlib        build  zlib1g-dev       zlib-devel                                        zlib-dev,zlib-static        zlib
zstd        build  libzstd-dev      libzstd-devel                                     zstd-dev,zstd-static        zstd
clang       build  %clang           clang                                             clang                       clang
llvm-strip  build  %strip           llvm                                              llvm                        llvm
certs       build  ca-certificates  ca-certificates                                   ca-certificates             ca-certificates
cxx         test   g++              gcc-c++                                           g++                         gcc
strace      test   strace           strace                                            strace                      strace
qemu        vm     qemu-system-x86  qemu-system-x86-core                              qemu-system-x86_64          qemu-system-x86
busybox     vm     busybox-static   busybox                                           busybox-static              busybox
cpio        vm     cpio             cpio                                              cpio                        cpio
xz          vm     xz-utils         xz                                                xz                          xz
unzstd      vm     zstd             zstd                                              zstd                        zstd
cross-cc    cross  gcc-aarch64-linux-gnu,libc6-dev-arm64-cross  -                     -                           -
qemu-user   cross  qemu-user        qemu-user                                         qemu-aarch64                qemu-user
qemu-arm    cross  qemu-system-arm  qemu-system-aarch64-core                          qemu-system-aarch64         qemu-system-aarch64
musl-cc     musl   musl-tools       musl-gcc                                          musl-dev                    musl
debootstrap docker debootstrap      debootstrap                                       debootstrap                 debootstrap
setcap      docker libcap2-bin      libcap                                            libcap                      libcap
'

compiles() { echo "#include <$1>" | cc -E - >/dev/null 2>&1; }

is_installed() {
	case $1 in
		cc) have cc && compiles stdio.h && compiles linux/types.h ;;
		libelf) compiles libelf.h ;;
		zlib) compiles zlib.h ;;
		zstd) compiles zstd.h ;;
		clang) best_clang >/dev/null || [ -n "${CLANG-}" ] ;;
		llvm-strip) (find_clang) ;;
		certs) [ -n "${SSL_CERT_FILE-}" ] || [ -e /etc/ssl/certs/ca-certificates.crt ] ||
			[ -e /etc/pki/tls/certs/ca-bundle.crt ] || [ -e /etc/ssl/cert.pem ] ;;
		cxx) have c++ ;;
		qemu) have qemu-system-x86_64 ;;
		unzstd) have zstd ;;
		cross-cc) have aarch64-linux-gnu-gcc ;;
		qemu-user) have qemu-aarch64 || have qemu-aarch64-static ;;
		qemu-arm) have qemu-system-aarch64 ;;
		musl-cc) have musl-gcc ;;
		*) have "$1" ;;
	esac
}

# The rows of the requested groups whose need is not met.
missing_rows() {
	echo "$needs" | while read -r need group packages; do
		case " $groups " in *" ${group:-none} "*) ;; *) continue ;; esac
		is_installed "$need" || echo "$need $group $packages"
	done
}

# packages COLUMN: the package names of the missing rows in one line.
packages() {
	echo "$missing" | awk -v column="$1" '$column != "-" { print $column }' | tr ',' '\n' |
		sed "s/^%clang\$/$clang_package/; s/^%strip\$/$strip_package/" |
		sort -u | tr '\n' ' ' | sed 's/ $//'
}

# Debian's clang of the wanted version; llvm-strip must have the version of the clang that is or will be installed.
choose_clang_packages() {
	if present=$(best_clang); then
		version=$(clang_major "$present")
	else
		version=$(apt-cache pkgnames clang- 2>/dev/null | sed -n 's/^clang-\([0-9]*\)$/\1/p' |
			sort -n | awk '$1 == 19 { print; found = 1; exit } $1 >= 14 { newest = $1 } END { if (!found) print newest }')
	fi
	clang_package=clang-${version:-19} strip_package=llvm-${version:-19}
}

check_go() {
	want=$(sed -n 's/^go //p' "$root/go.mod")
	have go || die "Go is missing: install Go $want or newer and put it on the PATH"
	got=$(cd / && GOTOOLCHAIN=local go env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')
	version_at_least "${got:-0}" "$want" && return
	# From 1.21 on, Go may fetch the newer toolchain by itself.
	version_at_least "${got:-0}" 1.21 && (cd "$root" && go version >/dev/null 2>&1) && return
	die "Go ${got:-of unknown version} is too old: this project needs Go $want or newer"
}

check_modules() {
	[ ! -e "$root/vendor/modules.txt" ] || return 0
	output=$(cd "$root" && go mod download 2>&1) && return
	die "Go cannot fetch the modules of go.mod (is there a network?): $(echo "$output" | head -n 1)"
}

# Prints the one command to run by hand, and exits.
print_command() {
	if have apt-get; then
		command="apt-get install -y $(packages 3)"
	elif have dnf; then
		command="dnf install -y $(packages 4)"
	elif have apk; then
		command="apk add $(packages 5)"
	elif have pacman; then
		command="pacman -S --needed $(packages 6)"
	else
		die "missing: $(echo "$missing" | awk '{ print $1 }' | tr '\n' ' ')(no apt, dnf, apk or pacman here: install them by hand)"
	fi
	[ "$(id -u)" = 0 ] || command="sudo $command"
	echo "$me: some packages are missing; to install them, run:" >&2
	echo "    $command" >&2
	exit 1
}

run_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# A failed refresh of the lists may come from a package source that is not needed, so it is not yet an error.
install_by_apt() {
	log=$(mktemp)
	trap 'rm -f "$log"' EXIT
	note "reading the package lists"
	run_apt update >"$log" 2>&1 || true
	choose_clang_packages
	wanted=$(packages 3)
	echo "$me: installing $wanted" >&2
	# shellcheck disable=SC2086 # one word per package
	run_apt install -y --no-install-recommends $wanted >>"$log" 2>&1 && return
	if grep -qE 'Could not (resolve|connect)|Temporary failure|Network is unreachable|Connection (timed out|failed|refused)' "$log"; then
		die "cannot reach the package archive (is there a network?); still missing: $wanted"
	fi
	cat "$log" >&2
	die "apt-get could not install: $wanted"
}

check_go
missing=$(missing_rows)
if [ -n "$missing" ]; then
	choose_clang_packages
	if [ "$(id -u)" = 0 ] && have apt-get; then install_by_apt; else print_command; fi
	missing=$(missing_rows)
	[ -z "$missing" ] || die "still missing after the installation: $(echo "$missing" | awk '{ print $1 }' | tr '\n' ' ')"
fi
check_modules
