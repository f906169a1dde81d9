#!/bin/bash
# make: that it builds once, and that programs outside this repository can use the packages of `make skel`.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_build() { [ -x "$root/build/bin/skelgen" ] || skip "nothing is built yet: run make"; }

in_root() { run make -s -C "$root" "$@"; }

# write_foo FOLDER: a user's BPF program with a filter, a counter, a map and a tracepoint that needs no mount. It asks for
# the PID that the process has in its container.
write_foo() {
	mkdir -p "$1"
	cat > "$1/foo.bpf.c" <<-'END'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		char LICENSE[] SEC("license") = "GPL";
		const volatile int wanted = 0;
		const volatile __u64 namespace_dev = 0, namespace_ino = 0;
		__u64 hits = 0;
		struct {
			__uint(type, BPF_MAP_TYPE_HASH);
			__uint(max_entries, 16);
			__type(key, int);
			__type(value, __u64);
		} counts SEC(".maps");
		SEC("raw_tp/sys_enter") int count(void *ctx)
		{
			struct bpf_pidns_info ns = {};
			int pid;
			if (bpf_get_ns_current_pid_tgid(namespace_dev, namespace_ino, &ns, sizeof(ns)) || ns.tgid != wanted)
				return 0;
			pid = ns.tgid;
			__sync_fetch_and_add(&hits, 1);
			bpf_map_update_elem(&counts, &pid, &hits, BPF_ANY);
			return 0;
		}
	END
}

# write_module FOLDER: a user's module in FOLDER, which uses the package FOLDER/foo.
write_module() {
	cp "$root/go.sum" "$1"
	{
		echo 'module example.org/tool'
		sed '1d' "$root/go.mod"
		echo 'require github.com/bpfskel/bpfskel v0.0.0'
		echo "replace github.com/bpfskel/bpfskel => $root"
	} > "$1/go.mod"
	cat > "$1/main.go" <<-'END'
		package main

		import (
			"fmt"
			"os"
			"syscall"

			"example.org/tool/foo"
		)

		func main() {
			pid := int32(os.Getpid())
			open, err := foo.Open()
			check(err)
			defer open.Close()
			var ns syscall.Stat_t
			check(syscall.Stat("/proc/self/ns/pid", &ns))
			open.Rodata.Wanted, open.Rodata.NamespaceDev, open.Rodata.NamespaceIno = pid, ns.Dev, ns.Ino
			s, err := open.Load()
			check(err)
			defer s.Close()
			check(s.Attach())
			for range 100 {
				os.Getppid()
			}
			if v, err := s.Maps.Counts.Lookup(&pid); err != nil || v < 100 || s.Bss.Hits < v {
				fmt.Println("counted", v, s.Bss.Hits, err)
				os.Exit(1)
			}
			fmt.Println("counted enough")
		}

		func check(err error) {
			if err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
	END
}

test_a_second_make_builds_nothing() {
	need_build
	in_root build
	expect_status 0
	touch "$tmp/now"
	sleep 0.1
	GOFLAGS="$(go env GOFLAGS) -v" in_root build # -v prints each package that it compiles or links
	expect_status 0
	expect_equal "$out$err" ""
	expect_equal "$(find "$root/build/bpf" "$root/build/libbpf" "$root"/examples -newer "$tmp/now")" ""
}

test_the_generated_packages_in_git_are_those_that_make_writes() {
	[ "${CI-}" = true ] || skip "needs a clone without changes: set CI=true"
	need_build
	git -C "$root" rev-parse >/dev/null 2>&1 || skip "not a git checkout"
	expect_equal "$(git -C "$root" status --porcelain -- examples)" ""
}

test_make_skel_compiles_generates_and_changes_nothing_the_second_time() {
	need_build
	write_foo "$tmp/any/where"
	in_root skel OBJ="$tmp/any/where/foo.bpf.o" OUT="$tmp/else/where/foo"
	expect_status 0
	expect_equal "$(cd else/where/foo && echo *)" "foo.skel.h foo_libbpf.go foo_nolibbpf.go foo_skel.go foo_types.go"
	expect_file any/where/foo.bpf.o
	cp -r else/where/foo before
	in_root skel OBJ="$tmp/any/where/foo.bpf.o" OUT="$tmp/else/where/foo"
	expect_status 0
	diff -r before else/where/foo
}

test_make_skel_takes_names() {
	need_build
	write_foo "$tmp/x"
	in_root skel OBJ="$tmp/x/foo.bpf.o" OUT="$tmp/bar" NAME=other_name PKG=bar
	expect_status 0
	grep -q 'struct other_name {' bar/*.skel.h || fail "NAME is not in the header"
	grep -q '^package bar$' bar/*_skel.go || fail "PKG is not the package"
}

# Characters that are special to the shell.
test_make_skel_takes_any_path() {
	need_build
	write_foo "$tmp/it's \"a\" ;b"
	mv "$tmp/it's \"a\" ;b/foo.bpf.c" "$tmp/it's \"a\" ;b/f'o.bpf.c"
	in_root skel OBJ="$tmp/it's \"a\" ;b/f'o.bpf.o" OUT="$tmp/'o' &"
	expect_status 0
	expect_file "$tmp/'o' &/f_o_types.go"
}

test_make_skel_without_an_object() {
	need_build
	in_root skel
	expect_status 2
	expect_match "$err" '*OBJ is missing: make skel OBJ=path/x.bpf.o*'
	in_root skel OBJ="$tmp/nowhere.bpf.o"
	expect_status 2
	expect_match "$err" "*skelgen: $tmp/nowhere.bpf.o: *"
}

test_a_module_elsewhere_builds_and_runs_with_what_skelgen_env_prints() {
	need_build
	write_foo "$tmp/tool/bpf"
	in_root skel OBJ="$tmp/tool/bpf/foo.bpf.o" OUT="$tmp/tool/foo"
	expect_status 0
	write_module "$tmp/tool"
	cd tool
	eval "$("$root/build/bin/skelgen" env)"
	go build -o tool . || fail "it does not build"
	[ "$(id -u)" = 0 ] || return 0
	run ./tool
	expect_equal "$status $out" "0 counted enough"
}

test_a_module_elsewhere_builds_a_static_binary() {
	need_build
	write_foo "$tmp/tool/bpf"
	in_root skel OBJ="$tmp/tool/bpf/foo.bpf.o" OUT="$tmp/tool/foo"
	expect_status 0
	write_module "$tmp/tool"
	cd tool
	eval "$("$root/build/bin/skelgen" env)"
	go build -ldflags '-linkmode external -extldflags "-static"' -o tool . || fail "it does not build"
	! readelf -lW tool | grep -e INTERP -e DYNAMIC || fail "it is not static"
	[ "$(id -u)" = 0 ] || return 0
	run ./tool
	expect_equal "$status $out" "0 counted enough"
}

test_help_names_every_target_for_users() {
	in_root help
	expect_status 0
	local target
	for target in run test skel golden test-real fuzz lint clean; do
		expect_match "$out" "*make $target *"
	done
}

run_tests "$@"
