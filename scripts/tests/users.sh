#!/bin/bash
# users.sh: a program in a separate repository, which gets this module from a proxy and uses nothing of this checkout.
# shellcheck disable=SC2016 # Go and make expand it
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

module=github.com/bpfskel/bpfskel

# user_module: makes a user's module in the folder $tmp/watch. It gets this module as v0.0.1 from a file proxy, so the
# module cache holds a read-only folder without the submodule, as after `go get`.
user_module() {
	local at=$tmp/proxy/$module/@v state
	mkdir -p "$at" "$tmp/watch/bpf"
	# What is in the working tree now, committed or not; a module holds none of the modules below it.
	state=$(cd "$root" && GIT_INDEX_FILE=$tmp/index sh -ec '
		git read-tree HEAD
		git add -A .
		git ls-files "*/go.mod" | while read -r nested; do git rm -rq --cached "$(dirname "$nested")"; done
		git write-tree') || skip "needs a git checkout"
	git -C "$root" archive --format=zip --prefix="$module@v0.0.1/" -o "$at/v0.0.1.zip" "$state"
	cp "$root/go.mod" "$at/v0.0.1.mod"
	echo '{"Version":"v0.0.1","Time":"2025-01-01T00:00:00Z"}' > "$at/v0.0.1.info"
	echo v0.0.1 > "$at/list"
	GOPROXY=file://$tmp/proxy,file://$(go env GOMODCACHE)/cache/download,$(go env GOPROXY)
	export GOPROXY GONOSUMDB=$module GONOSUMCHECK=1 GOENV=$tmp/goenv GOFLAGS=-buildvcs=false
	export GOMODCACHE=$tmp/mod XDG_CACHE_HOME=$tmp/cache GOCACHE=${GOCACHE:-$(go env GOCACHE)}
	export XDG_CONFIG_HOME=$tmp/config
	trap 'chmod -R u+w "$tmp/mod" 2>/dev/null || true' EXIT
	libbpf_tree
	export LIBBPF_SRC=$tree
	cd "$tmp/watch"
	go mod init example.org/watch >/dev/null 2>&1
	go get "$module@v0.0.1" >/dev/null 2>&1 || fail "go get fails: $(go get "$module@v0.0.1" 2>&1)"
	bpfskel=$(go list -m -f '{{.Dir}}' "$module")
	expect_no_file "$bpfskel/libbpf/src"
	user_program
}

user_program() {
	cat > bpf/hits.bpf.c <<-END
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		char LICENSE[] SEC("license") = "GPL";
		__u64 hits = 0;
		SEC("raw_tp/sys_enter") int on_enter(void *ctx)
		{
			__sync_fetch_and_add(&hits, 1);
			return 0;
		}
	END
	cat > main.go <<-END
		package main

		//go:generate go tool skelgen generate --out hits bpf/hits.bpf.o

		import (
			"fmt"
			"log"
			"os"

			"example.org/watch/hits"
		)

		func main() {
			s, err := hits.OpenAndLoad()
			if err != nil {
				log.Fatal(err)
			}
			defer s.Close()
			if err := s.Attach(); err != nil {
				log.Fatal(err)
			}
			os.Getwd()
			fmt.Println("seen:", s.Bss.Hits > 0)
		}
	END
}

expect_seen() { # PROGRAM
	[ "$(id -u)" = 0 ] || skip "needs root"
	run "$@"
	expect_status 0
	expect_equal "$out" "seen: true"
}

test_from_an_empty_folder_to_a_static_binary() {
	user_module
	eval "$(sh "$bpfskel/scripts/env.sh")"
	go get -tool "$module/skelgen" >/dev/null 2>&1 || fail "no tool: $(go get -tool "$module/skelgen" 2>&1)"
	sh "$bpfskel/scripts/bpfcc.sh" bpf/hits.bpf.c bpf/hits.bpf.o
	go generate . || fail "go generate fails"
	expect_file hits/hits_skel.go
	run go tool skelgen generate --check --out hits bpf/hits.bpf.o
	expect_status 0
	go mod tidy >/dev/null 2>&1 || fail "go mod tidy: $(go mod tidy 2>&1)"
	eval "$(go tool skelgen env --static)"
	go build -o watch . || fail "it does not build"
	[[ $(readelf -lW watch) != *INTERP* ]] || fail "the program is not static"
	mkdir "$tmp/empty"
	cp watch "$tmp/empty"
	expect_seen chroot "$tmp/empty" /watch
	[ -z "$(find "$bpfskel" -newer "$tmp/watch/go.mod" -print -quit)" ] || fail "something was written into the module"
	expect_file "$tmp/cache/bpfskel/libbpf-1.7.0/lib/libbpf.a"
}

test_after_env_w_plain_go_commands_work() {
	user_module
	sh "$bpfskel/scripts/env.sh" go install "$module/skelgen"@v0.0.1 || fail "go install fails"
	PATH=$(go env GOPATH)/bin:$PATH
	sh "$bpfskel/scripts/bpfcc.sh" bpf/hits.bpf.c bpf/hits.bpf.o
	skelgen generate --out hits bpf/hits.bpf.o
	skelgen env -w || fail "skelgen env -w fails"
	go mod tidy >/dev/null 2>&1
	env -u CGO_CFLAGS -u CGO_LDFLAGS -u PKG_CONFIG_PATH go vet ./... || fail "go vet fails"
	env -u CGO_CFLAGS -u CGO_LDFLAGS -u PKG_CONFIG_PATH go build -o watch . || fail "go build fails"
	expect_seen ./watch
}

test_the_fragment_for_makefiles() {
	user_module
	cat > Makefile <<-'END'
		BPFSKEL := $(shell go list -m -f '{{.Dir}}' github.com/bpfskel/bpfskel)
		SKELETONS := hits
		include $(BPFSKEL)/scripts/skel.mk
	END
	sh "$bpfskel/scripts/env.sh" go get -tool "$module/skelgen" >/dev/null 2>&1
	run make -s skeletons
	expect_status 0
	go mod tidy >/dev/null 2>&1
	run make -s skeleton-build STATIC=1
	expect_status 0
	expect_seen bin/watch
	run make skeletons
	expect_equal "$out" "make: Nothing to be done for 'skeletons'."
	sleep 0.1
	touch bpf/hits.bpf.c # gives the same object
	run make -s skeletons
	expect_status 0
	run make skeletons
	expect_equal "$out" "make: Nothing to be done for 'skeletons'."
	run make -s skeletons-check
	expect_status 0
	echo '// edited' >> hits/hits_types.go
	run make -s skeletons-check
	[ "$status" != 0 ] || fail "a stale package goes unnoticed"
	expect_match "$err" '*hits: stale: hits_types.go*'
	sed -i 's/hits = 0/hits = 0, misses = 0/' bpf/hits.bpf.c
	run make -s skeletons
	expect_status 0
	grep -q Misses hits/hits_types.go || fail "a changed source does not change the package"
}

run_tests "$@"
