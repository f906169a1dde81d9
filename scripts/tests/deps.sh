#!/bin/bash
# deps.sh: its messages, and the commands that it runs if something is missing. The PATH holds fakes of the tools.
# shellcheck disable=SC2016 # the fakes expand it
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# All tools that deps.sh itself uses, and Go and a C compiler.
basics() {
	link_tools sh dirname sed awk tr sort cut head grep cat mktemp rm cc go make pkg-config uniq readlink ls
}

# The PATH begins with a folder that does not exist, as PATHs may.
deps() { run env -i PATH="$tmp/nowhere:$tmp/bin" HOME="$HOME" GOFLAGS=-mod=mod GOPROXY="$(go env GOPROXY)" GOMODCACHE="$(go env GOMODCACHE)" sh "$scripts/deps.sh" "$@"; }

fake_root() { echo 'echo 0' | put_tool id; }
fake_user() { echo 'echo 1000' | put_tool id; }

test_does_nothing_in_less_than_a_second_if_all_is_installed() {
	(cd "$root" && sh "$scripts/deps.sh" test) >/dev/null 2>&1 || skip "not all packages are installed"
	for _ in 1 2 3 4 5; do # other tests may keep the machine busy
		timed sh "$scripts/deps.sh" test
		expect_status 0
		expect_equal "$out$err" ""
		[ "$took" -ge 1000 ] || return 0
	done
	fail "it took $took ms"
}

test_no_go() {
	basics
	rm "$tmp/bin/go"
	deps
	expect_one_line_error 'deps.sh: Go is missing: install Go 1.24.0 or newer *'
}

test_go_too_old() {
	basics
	put_tool go <<< 'echo go1.19.8'
	deps
	expect_one_line_error 'deps.sh: Go 1.19.8 is too old: this project needs Go 1.24.0 or newer'
}

test_go_that_cannot_fetch_a_newer_one() {
	basics
	put_tool go <<< '[ "$1" = env ] && echo go1.22.1'
	deps
	expect_one_line_error 'deps.sh: Go 1.22.1 is too old: *'
}

test_go_release_candidate_is_new_enough() {
	basics
	link_tools clang-19 llvm-strip-19
	fake_root
	put_tool go <<< 'if [ "$1" = env ]; then echo go1.27rc1; fi'
	deps
	expect_status 0
}

test_a_user_is_told_the_command_for_apt() {
	basics
	fake_user
	put_tool apt-get <<< 'echo "apt-get was run" >&2'
	put_tool apt-cache <<< 'printf "clang-14\nclang-19\nclang-format\nclang-20\n"'
	deps test
	expect_status 1
	expect_match "$err" '*sudo apt-get install -y *clang-19*'
	expect_match "$err" '* g++ *'
	expect_match "$err" '* llvm-19*'
	expect_match "$err" '* strace'
	[[ $err != *'was run'* ]] || fail "it ran apt-get"
}

test_apt_without_clang_19_takes_the_newest() {
	basics
	fake_user
	put_tool apt-get <<< ''
	put_tool apt-cache <<< 'printf "clang-13\nclang-16\nclang-15\n"'
	deps
	expect_match "$err" '*apt-get install -y clang-16 llvm-16*'
}

test_llvm_strip_matches_the_installed_clang() {
	basics
	fake_user
	put_tool clang-14 <<< 'echo 14.0.6'
	put_tool apt-get <<< ''
	put_tool apt-cache <<< 'printf "clang-14\nclang-19\n"'
	deps
	expect_match "$err" '*apt-get install -y llvm-14'
}

test_clang_13_does_not_count() {
	basics
	fake_user
	put_tool clang <<< 'echo 13.0.1'
	put_tool apt-get <<< ''
	put_tool apt-cache <<< 'echo clang-19'
	deps
	expect_match "$err" '*apt-get install -y clang-19 llvm-19*'
}

expect_install_command() { # TOOL COMMAND PACKAGES
	basics
	fake_root
	put_tool "$1" <<< 'echo "it was run" >&2'
	deps test
	expect_status 1
	expect_match "$err" "*    $2 $3"
	[[ $err != *'was run'* ]] || fail "it ran $1"
}

test_dnf() { expect_install_command dnf 'dnf install -y' 'clang gcc-c++ llvm strace'; }
test_apk() { expect_install_command apk 'apk add' 'clang g++ llvm strace'; }
test_pacman() { expect_install_command pacman 'pacman -S --needed' 'clang gcc llvm strace'; }

test_an_unknown_system() {
	basics
	fake_root
	deps
	expect_one_line_error 'deps.sh: missing: clang llvm-strip *by hand*'
}

test_root_installs_what_is_missing_and_no_more() {
	basics
	fake_root
	put_tool apt-cache <<< 'echo clang-19'
	put_tool apt-get <<-'END'
		for last; do :; done
		case "$*" in
			*update*) ;;
			*" install -y --no-install-recommends clang-19 llvm-19")
				printf '#!/bin/sh\necho 19.1.7\n' > "$(dirname "$0")/clang-19"
				printf '#!/bin/sh\necho LLVM version 19.1.7\n' > "$(dirname "$0")/llvm-strip-19"
				chmod 755 "$(dirname "$0")/clang-19" "$(dirname "$0")/llvm-strip-19" ;;
			*) echo "unexpected: $*"; exit 1 ;;
		esac
	END
	ln -s "$(command -v chmod)" "$tmp/bin/chmod"
	deps
	expect_status 0
	expect_equal "$err" "deps.sh: installing clang-19 llvm-19"
}

test_no_network() {
	basics
	fake_root
	put_tool apt-cache <<< ''
	put_tool apt-get <<-'END'
		case "$*" in
			*update*) echo "W: Failed to fetch http://x/InRelease  Temporary failure resolving 'x'" ;;
			*) echo "E: Unable to locate package clang-19"; exit 100 ;;
		esac
	END
	deps
	expect_status 1
	expect_match "$err" "*deps.sh: cannot reach the package archive (is there a network?); still missing: clang-19 llvm-19"
	[[ $err != *Unable* ]] || fail "apt's own lines are shown: $err"
}

test_apt_fails_otherwise() {
	basics
	fake_root
	put_tool apt-cache <<< ''
	put_tool apt-get <<< '[ "${*#*update}" != "$*" ] || { echo "E: dpkg was interrupted"; exit 100; }'
	deps
	expect_status 1
	expect_match "$err" "*E: dpkg was interrupted*deps.sh: apt-get could not install: clang-19 llvm-19"
}

test_an_installation_that_does_not_help() {
	basics
	fake_root
	put_tool apt-cache <<< ''
	put_tool apt-get <<< ''
	deps
	expect_status 1
	expect_match "$err" "*still missing after the installation: clang llvm-strip*"
}

test_modules_without_a_network() {
	basics
	link_tools clang-19 llvm-strip-19
	fake_root
	run env -i PATH="$tmp/bin" HOME="$tmp" GOPROXY=off GOMODCACHE="$tmp/mod" sh "$scripts/deps.sh"
	expect_one_line_error 'deps.sh: Go cannot fetch the modules of go.mod (is there a network?): *'
}

test_unknown_group() {
	run sh "$scripts/deps.sh" everything
	expect_one_line_error 'deps.sh: everything: not one of build, test, vm*'
}

run_tests "$@"
