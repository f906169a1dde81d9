# Sourced by the shell tests. A file defines functions test_*, and ends with: run_tests "$@".
#   bash FILE --list        names its tests
#   bash FILE NAME FOLDER   runs one in the empty folder FOLDER; scripts_test.go does this for all
# shellcheck shell=bash disable=SC2034 # the tests read what these functions set
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
root=$(dirname "$scripts")
tarball=${XDG_CACHE_HOME:-$HOME/.cache}/bpfskel/libbpf-1.7.0.orig.tar.gz # libbpf.sh keeps it there
# The caller's settings must not change what is tested.
unset LIBBPF LIBBPF_SRC BPFSKEL_PREFIX CGO_ENABLED CGO_CFLAGS CGO_LDFLAGS PKG_CONFIG_PATH MAKEFLAGS MFLAGS MAKELEVEL CFLAGS CLANG LLVM_STRIP

run_tests() {
	if [ "$1" = --list ]; then
		declare -F | awk '$3 ~ /^test_/ { print $3 }'
		return
	fi
	tmp=$2
	cd "$tmp"
	"$1"
}

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# run CMD...: sets $status, $out (standard output) and $err.
run() {
	status=0
	"$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null || status=$?
	out=$(cat "$tmp/.out") err=$(cat "$tmp/.err")
}

expect_status() {
	[ "$status" = "$1" ] || fail "exit status $status instead of $1; output: $out $err"
}

expect_equal() { # GOT WANT
	[ "$1" = "$2" ] || fail "got '$1' instead of '$2'"
}

expect_match() { # TEXT PATTERN
	# shellcheck disable=SC2053 # a pattern is meant
	[[ $1 == $2 ]] || fail "'$1' does not match '$2'"
}

# One line on standard error that matches PATTERN, and exit status 1: every script reports errors so.
expect_one_line_error() {
	expect_status 1
	expect_equal "$(printf '%s\n' "$err" | wc -l)" 1
	expect_match "$err" "$1"
}

expect_no_file() {
	[ ! -e "$1" ] || fail "$1 exists"
}

expect_file() {
	[ -f "$1" ] || fail "$1 is missing"
}

# link_tools NAME...: fills $tmp/bin, a PATH with only these tools; put_tool adds fakes to it.
link_tools() {
	mkdir -p "$tmp/bin"
	local name
	for name in "$@"; do
		ln -s "$(command -v "$name")" "$tmp/bin/$name"
	done
}

# put_tool NAME <<script: a fake of that name, first on the PATH made by link_tools.
put_tool() {
	mkdir -p "$tmp/bin"
	rm -f "$tmp/bin/$1"
	cat > "$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

# timed CMD...: run, and sets $took to the milliseconds of processor time, which other processes hardly change.
timed() {
	local TIMEFORMAT='%U %S'
	{ time run "$@"; } 2> "$tmp/time"
	took=$(awk '{ printf "%d", ($1 + $2) * 1000 }' "$tmp/time")
}

# libbpf_tree: sets $tree to a copy of the sources that this checkout builds libbpf from.
libbpf_tree() {
	tree=$tmp/tree
	mkdir -p "$tree"
	if [ -f "$root/libbpf/src/libbpf.c" ]; then
		cp -r "$root/libbpf/src" "$root/libbpf/include" "$tree"
	elif [ -f "$tarball" ]; then
		tar -xf "$tarball" -C "$tree" --strip-components=1
	else
		skip "libbpf's sources are not here: neither the submodule nor $tarball"
	fi
}

# checkout: sets $checkout to a bare copy of this one: no submodule, no build, no git.
checkout() {
	checkout=$tmp/checkout
	mkdir -p "$checkout/libbpf"
	cp -r "$root/scripts" "$root/go.mod" "$root/go.sum" "$checkout"
	export XDG_CACHE_HOME=$tmp/cache CFLAGS=-O0 # which halves the time of a build
}
