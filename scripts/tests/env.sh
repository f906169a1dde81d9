#!/bin/bash
# env.sh: the settings, and that a switch from one libbpf to another reaches a program in spite of Go's cache.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# program FOLDER: a program that prints libbpf's version by the header and by the library, and a constant that the test
# adds to the header.
program() {
	mkdir "$1"
	cat > "$1/go.mod" <<-'END'
		module example.org/program
		go 1.24.0
	END
	cat > "$1/main.go" <<-'END'
		package main

		// #cgo pkg-config: --static libbpf
		// #include <bpf/libbpf.h>
		import "C"
		import "fmt"

		func main() {
			fmt.Println(C.LIBBPF_MAJOR_VERSION, C.LIBBPF_MINOR_VERSION, C.GoString(C.libbpf_version_string()))
		}
	END
}

go_run() { (cd "$tmp/program" && run sh "$checkout/scripts/env.sh" go run . && echo "$status $out $err"); }

test_a_switch_to_another_libbpf_rebuilds_what_depends_on_it() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	program "$tmp/program"
	expect_equal "$(go_run)" "0 1 7 v1.7 "
	sed -i 's/MINOR_VERSION 7/MINOR_VERSION 9/' "$tree/src/libbpf_version.h"
	expect_equal "$(go_run)" "0 1 9 v1.9 "
	sed -i 's/MINOR_VERSION 9/MINOR_VERSION 7/' "$tree/src/libbpf_version.h"
	expect_equal "$(go_run)" "0 1 7 v1.7 "
}

test_a_switch_to_the_systems_libbpf_and_back() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	program "$tmp/program"
	sed -i 's/MINOR_VERSION 7/MINOR_VERSION 8/' "$tree/src/libbpf_version.h"
	sh "$checkout/scripts/libbpf.sh" --prefix "$tmp/usr"
	rm "$tmp/usr/stamp"
	sed -i 's/MINOR_VERSION 8/MINOR_VERSION 7/' "$tree/src/libbpf_version.h"
	expect_equal "$(go_run)" "0 1 7 v1.7 "
	export PKG_CONFIG_PATH=$tmp/usr/lib/pkgconfig
	expect_equal "$(LIBBPF=system go_run)" "0 1 8 v1.8 "
	expect_equal "$(go_run)" "0 1 7 v1.7 "
}

test_eval_twice_is_eval_once() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	local once
	once=$(sh "$checkout/scripts/env.sh")
	eval "$once"
	expect_equal "$(sh "$checkout/scripts/env.sh")" "$once"
}

test_what_the_user_has_set_stays_in_force() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	export CGO_CFLAGS="-O1 -DGREETING='a'" CGO_LDFLAGS=-lm PKG_CONFIG_PATH=/my/pkgconfig
	eval "$(sh "$checkout/scripts/env.sh")"
	expect_match "$CGO_CFLAGS" "-DBPFSKEL_LIBBPF_ID=* -I$checkout/build/libbpf/include -O1 -DGREETING='a'"
	expect_match "$CGO_LDFLAGS" "-L$checkout/build/libbpf/lib -lbpf -lelf* -lm"
	expect_equal "$PKG_CONFIG_PATH" "$checkout/build/libbpf/lib/pkgconfig:/my/pkgconfig"
}

test_a_libbpf_that_cannot_be_built_is_one_error() {
	checkout
	LIBBPF_SRC=$tmp/nowhere run sh "$checkout/scripts/env.sh" echo hello
	expect_one_line_error 'libbpf.sh: *'
	expect_equal "$out" ""
}

test_the_command_gets_its_arguments_and_its_status_is_kept() {
	checkout
	libbpf_tree
	LIBBPF_SRC=$tree run sh "$checkout/scripts/env.sh" sh -c 'echo "$1:$CGO_CFLAGS"; exit 3' x 'a b'
	expect_status 3
	expect_match "$out" 'a b:-DBPFSKEL_LIBBPF_ID=*'
}

test_skelgen_env_prints_the_same() {
	[ -x "$root/build/bin/skelgen" ] || skip "build/bin/skelgen is not built"
	expect_equal "$("$root/build/bin/skelgen" env)" "$(sh "$scripts/env.sh")"
}

run_tests "$@"
