#!/bin/bash
# libbpf.sh: each source, each kind of checkout, and what an interruption leaves behind.
# shellcheck disable=SC2016 # the fakes expand it
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

libbpf() { run sh "$checkout/scripts/libbpf.sh" "$@"; }

# A complete installation: the archive, all headers, a version from pkg-config, an id, and no trace of the work.
expect_libbpf() { # PREFIX VERSION
	expect_status 0
	local file
	for file in lib/libbpf.a include/bpf/libbpf.h include/bpf/bpf_helpers.h include/linux/bpf.h include/linux/btf.h id stamp; do
		expect_file "$1/$file"
	done
	expect_equal "$(PKG_CONFIG_PATH=$1/lib/pkgconfig pkg-config --modversion libbpf)" "$2"
	expect_match "$(cat "$1/id")" '????????????????'
	no_traces "$1"
}

no_traces() { # PREFIX
	expect_no_file "$(dirname "$1")/.$(basename "$1").work"
	expect_no_file "$(dirname "$1")/.$(basename "$1").work.old"
}

# Makes the compiler count its runs in $tmp/compiled; with an argument, it does that first.
counting_cc() {
	put_tool counting-cc <<-END
		case "\$*" in *" -c "*) echo x >> "$tmp/compiled"; ${1-} ;; esac
		exec cc "\$@"
	END
	sed -i '1i #!/bin/sh' "$tmp/bin/counting-cc"
	export CC=$tmp/bin/counting-cc
}

compiled() { wc -l < "$tmp/compiled" 2>/dev/null || echo 0; }

# The network must not be used: git and apt-get would print a line.
no_network_tools() {
	put_tool git <<< 'echo "git $*" >> "$(dirname "$0")/../asked"; exit 1'
	put_tool apt-get <<< 'echo "apt-get $*" >> "$(dirname "$0")/../asked"; exit 100'
	export PATH=$tmp/bin:$PATH
}

test_from_a_folder_and_from_a_tarball_of_it() {
	checkout
	libbpf_tree
	LIBBPF_SRC=$tree libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
	tar -czf "$tmp/some.tar.gz" -C "$tmp" tree
	cd "$tmp" # a relative name means from here
	LIBBPF_SRC=some.tar.gz libbpf --prefix elsewhere/lb
	expect_libbpf "$tmp/elsewhere/lb" 1.7.0
	expect_equal "$(cat "$checkout/build/libbpf/id")" "$(cat elsewhere/lb/id)"
	no_traces "$tree"
	expect_no_file "$tree/src/bpf.o"
}

test_the_folder_named_comes_before_the_submodule() {
	checkout
	libbpf_tree
	rmdir "$checkout/libbpf"
	cp -r "$tree" "$checkout/libbpf"
	sed -i 's/MINOR_VERSION 7/MINOR_VERSION 8/' "$tree/src/libbpf_version.h"
	libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
	grep -q 'MINOR_VERSION 7' "$checkout/build/libbpf/include/bpf/libbpf_version.h" || fail "not from the submodule"
	LIBBPF_SRC=$tree libbpf
	grep -q 'MINOR_VERSION 8' "$checkout/build/libbpf/include/bpf/libbpf_version.h" || fail "not from LIBBPF_SRC"
}

test_the_submodule_is_fetched_by_git() {
	checkout
	libbpf_tree
	rmdir "$checkout/libbpf"
	export GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=protocol.file.allow GIT_CONFIG_VALUE_0=always \
		GIT_CONFIG_KEY_1=user.name GIT_CONFIG_VALUE_1=Test GIT_CONFIG_KEY_2=user.email GIT_CONFIG_VALUE_2=test@example.org
	(cd "$tree" && git init -q && git add . && git commit -qm libbpf) || fail "git cannot make a repository"
	(cd "$checkout" && git init -q && git submodule --quiet add "file://$tree" libbpf && git add . && git commit -qm all)
	git clone -q "$checkout" "$tmp/clone"
	expect_no_file "$tmp/clone/libbpf/src"
	run sh "$tmp/clone/scripts/libbpf.sh"
	expect_libbpf "$tmp/clone/build/libbpf" 1.7.0
	expect_file "$tmp/clone/libbpf/src/libbpf.c"
	expect_no_file "$tmp/cache"
}

test_the_source_package_of_debian() {
	checkout
	grep -rqsE '/debian/?( |$)' /etc/apt/sources.list /etc/apt/sources.list.d || skip "no Debian mirror in apt's configuration"
	local lists
	lists=$(ls -lR /var/lib/apt/lists /etc/apt)
	put_tool git <<< 'exit 1'
	PATH=$tmp/bin:$PATH libbpf
	[[ $err != *'is there a network'* ]] || skip "the mirror cannot be reached"
	expect_libbpf "$checkout/build/libbpf" 1.7.0
	expect_equal "$(ls -lR /var/lib/apt/lists /etc/apt)" "$lists"
	# The tarball is kept: another checkout needs no network.
	rm -rf "$checkout/build"
	no_network_tools
	libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
	expect_no_file "$tmp/asked"
}

# libbpfs_repository: replaces libbpf's repository with one that has $tree as tag v1.7.0.
libbpfs_repository() {
	export GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=url.file://$tree.insteadOf GIT_CONFIG_VALUE_0=https://github.com/libbpf/libbpf \
		GIT_CONFIG_KEY_1=user.name GIT_CONFIG_VALUE_1=Test GIT_CONFIG_KEY_2=user.email GIT_CONFIG_VALUE_2=test@example.org
	(cd "$tree" && git init -q && git add . && git commit -qm libbpf && git tag v1.7.0) || fail "git cannot make a repository"
}

test_a_clone_where_there_is_neither_git_nor_debian() {
	checkout
	libbpf_tree
	libbpfs_repository
	put_tool apt-get <<< 'exit 100'
	PATH=$tmp/bin:$PATH libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
}

test_a_clone_with_other_sources_is_refused() {
	checkout
	libbpf_tree
	echo 'int evil;' >> "$tree/src/bpf.c"
	libbpfs_repository
	put_tool apt-get <<< 'exit 100'
	PATH=$tmp/bin:$PATH libbpf
	expect_one_line_error 'libbpf.sh: no source of libbpf: *'
	expect_no_file "$checkout/build/libbpf"
}

test_a_tarball_that_is_not_the_pinned_one_is_refused() {
	checkout
	put_tool git <<< 'exit 1'
	put_tool apt-get <<< 'case "$*" in *source*) echo evil > libbpf_1.7.0.orig.tar.gz ;; esac'
	mkdir -p "$tmp/cache/bpfskel"
	echo evil > "$tmp/cache/bpfskel/libbpf-1.7.0.orig.tar.gz"
	PATH=$tmp/bin:$PATH libbpf
	expect_one_line_error 'libbpf.sh: no source of libbpf: *'
	expect_no_file "$checkout/build/libbpf"
}

test_no_source_at_all() {
	checkout
	no_network_tools
	libbpf
	expect_one_line_error 'libbpf.sh: no source of libbpf: *(is there a network?)*LIBBPF_SRC=DIR|TARBALL*'
	expect_no_file "$checkout/build/libbpf"
	no_traces "$checkout/build/libbpf"
}

test_wrong_sources() {
	checkout
	LIBBPF_SRC=$tmp/nowhere libbpf
	expect_one_line_error "libbpf.sh: LIBBPF_SRC=$tmp/nowhere: no such folder or file"
	mkdir "$tmp/empty"
	LIBBPF_SRC=$tmp/empty libbpf
	expect_one_line_error "libbpf.sh: LIBBPF_SRC=$tmp/empty: not libbpf's source tree (no src/libbpf.c)"
	echo text > "$tmp/text"
	LIBBPF_SRC=$tmp/text libbpf
	expect_one_line_error "libbpf.sh: $tmp/text: not a tarball of libbpf"
	libbpf_tree
	sed -i 's/MINOR_VERSION 7/MINOR_VERSION 4/' "$tree/src/libbpf_version.h"
	LIBBPF_SRC=$tree libbpf
	expect_one_line_error "libbpf.sh: $tree: libbpf 1.4 is too old: 1.5 or newer is needed"
	expect_no_file "$checkout/build/libbpf"
}

test_a_second_run_does_nothing_in_less_than_a_second() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	counting_cc
	libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
	local before
	before=$(compiled)
	timed sh "$checkout/scripts/libbpf.sh"
	expect_status 0
	expect_equal "$out$err" ""
	expect_equal "$(compiled)" "$before"
	[ "$took" -lt 1000 ] || fail "it took $took ms"
}

test_a_changed_source_or_flag_builds_again() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	libbpf
	local first second
	first=$(cat "$checkout/build/libbpf/id")
	echo 'int bpfskel_test_marker;' >> "$tree/src/hashmap.c"
	libbpf
	second=$(cat "$checkout/build/libbpf/id")
	[ "$first" != "$second" ] || fail "the id is still $first"
	nm "$checkout/build/libbpf/lib/libbpf.a" 2>/dev/null | grep bpfskel_test_marker >/dev/null || fail "the old library is still there"
	CFLAGS=-O1 libbpf
	[ "$second" != "$(cat "$checkout/build/libbpf/id")" ] || fail "the id is the same with other flags"
}

test_the_id_does_not_depend_on_folders() {
	checkout
	libbpf_tree
	LIBBPF_SRC=$tree libbpf
	mkdir -p "$tmp/other/place"
	mv "$tree" "$tmp/other/place/tree"
	LIBBPF_SRC=$tmp/other/place/tree libbpf --prefix "$tmp/other/lb"
	expect_equal "$(cat "$tmp/other/lb/id")" "$(cat "$checkout/build/libbpf/id")"
}

read_only_checkout() { # FOLDER: where it is
	libbpf_tree
	export XDG_CACHE_HOME=$tmp/cache LIBBPF_SRC=$tree
	mkdir -p "$1"
	cp -r "$root/scripts" "$root/go.mod" "$1"
	chmod -R a-wx,a+rX "$1"
	run sh "$1/scripts/libbpf.sh"
	chmod -R u+w "$1"
	expect_libbpf "$tmp/cache/bpfskel/libbpf-1.7.0" 1.7.0
	expect_no_file "$1/build"
	chmod -R a-w "$1"
	run sh "$1/scripts/libbpf.sh" --print-prefix
	chmod -R u+w "$1"
	expect_equal "$out" "$tmp/cache/bpfskel/libbpf-1.7.0"
}

test_a_read_only_checkout_builds_into_the_users_cache() { read_only_checkout "$tmp/readonly"; }

test_gos_module_cache_is_never_written_even_if_it_can_be() {
	read_only_checkout "$tmp/mod/bpfskel@v1.2.3"
	run sh "$tmp/mod/bpfskel@v1.2.3/scripts/libbpf.sh"
	expect_status 0
	expect_no_file "$tmp/mod/bpfskel@v1.2.3/build"
}

test_it_can_be_moved() {
	checkout
	libbpf_tree
	LIBBPF_SRC=$tree libbpf
	mv "$checkout/build/libbpf" "$tmp/moved"
	local flags
	flags=$(PKG_CONFIG_PATH=$tmp/moved/lib/pkgconfig pkg-config --static --cflags --libs libbpf)
	[[ $flags != *"$checkout"* ]] || fail "the old folder is still in $flags"
	echo '#include <bpf/libbpf.h>
	int main(void) { return libbpf_major_version() != LIBBPF_MAJOR_VERSION; }' > "$tmp/a.c"
	# shellcheck disable=SC2086 # words are meant
	cc "$tmp/a.c" -o "$tmp/a" $flags
	"$tmp/a" || fail "a program built against the moved libbpf finds another version"
}

test_a_folder_made_by_others_is_left_alone() {
	checkout
	mkdir "$tmp/mine"
	echo precious > "$tmp/mine/file"
	libbpf --prefix "$tmp/mine"
	expect_one_line_error "libbpf.sh: $tmp/mine exists and was not made by this script: *"
	expect_equal "$(cat "$tmp/mine/file")" precious
}

test_a_failed_build_leaves_the_old_libbpf() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	libbpf
	local before
	before=$(cat "$checkout/build/libbpf/id")
	echo 'not C' >> "$tree/src/bpf.c"
	libbpf
	expect_status 1
	expect_match "$err" '*bpf.c*error*does not build*'
	expect_equal "$(cat "$checkout/build/libbpf/id")" "$before"
	no_traces "$checkout/build/libbpf"
}

# kill_during_build SIGNAL: starts a build in a new session, and kills the session while it compiles.
kill_during_build() {
	counting_cc 'sleep 0.2'
	setsid sh "$checkout/scripts/libbpf.sh" >/dev/null 2>&1 &
	local session=$! n=0
	until [ "$(compiled)" -ge 3 ]; do
		sleep 0.05
		n=$((n + 1))
		[ "$n" -lt 400 ] || fail "the build never began"
	done
	kill "-$1" -- "-$session"
	wait "$session" 2>/dev/null || true
	expect_no_file "$checkout/build/libbpf"
	unset CC
}

test_a_build_killed_outright_leaves_nothing_half_made() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	kill_during_build KILL
	libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
}

test_a_build_ended_by_a_signal_cleans_up() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	kill_during_build TERM
	no_traces "$checkout/build/libbpf"
	libbpf
	expect_libbpf "$checkout/build/libbpf" 1.7.0
}

test_runs_at_the_same_time_build_once() {
	checkout
	libbpf_tree
	export LIBBPF_SRC=$tree
	counting_cc
	libbpf --prefix "$tmp/alone"
	local once pids=() i
	once=$(compiled)
	for i in 1 2 3 4; do
		sh "$checkout/scripts/libbpf.sh" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || fail "one of the runs failed"; done
	expect_libbpf "$checkout/build/libbpf" 1.7.0
	expect_equal "$(compiled)" $((2 * once))
}

# system_libbpf VERSION: a pkg-config path with libbpf VERSION as a distribution installs it.
system_libbpf() {
	libbpf_tree
	LIBBPF_SRC=$tree libbpf --prefix "$tmp/usr"
	expect_status 0
	rm "$tmp/usr/stamp" "$tmp/usr/id"
	sed -i "s|^prefix=.*|prefix=$tmp/usr|; s/^Version: .*/Version: $1/" "$tmp/usr/lib/pkgconfig/libbpf.pc"
	export PKG_CONFIG_PATH=$tmp/usr/lib/pkgconfig
}

test_the_systems_libbpf() {
	checkout
	system_libbpf 1.5.0
	export LIBBPF=system
	no_network_tools
	libbpf
	expect_status 0
	expect_equal "$out$err" ""
	run sh "$checkout/scripts/libbpf.sh" --print-prefix
	expect_equal "$out" "$checkout/build/libbpf-system"
	expect_equal "$(cat "$out/system")" 1.5.0
	local id env
	id=$(cat "$out/id")
	env=$(sh "$checkout/scripts/env.sh")
	expect_match "$env" "*-DBPFSKEL_LIBBPF_ID=$id*"
	[[ $env != *"$checkout"* ]] || fail "our own libbpf is in the settings: $env"
	echo '/* updated */' >> "$tmp/usr/include/bpf/libbpf.h"
	libbpf
	[ "$id" != "$(cat "$checkout/build/libbpf-system/id")" ] || fail "an update of the system's libbpf goes unnoticed"
	expect_no_file "$tmp/asked"
}

test_our_own_libbpf_on_the_path_is_not_the_systems() {
	checkout
	libbpf_tree
	LIBBPF_SRC=$tree libbpf
	PKG_CONFIG_LIBDIR=$tmp/nothing PKG_CONFIG_PATH=$checkout/build/libbpf/lib/pkgconfig LIBBPF=system libbpf
	expect_one_line_error "libbpf.sh: LIBBPF=system: pkg-config finds no libbpf: *"
}

test_the_systems_libbpf_is_too_old() {
	checkout
	system_libbpf 1.1.2
	LIBBPF=system libbpf
	expect_one_line_error "libbpf.sh: LIBBPF=system: the system's libbpf is 1.1.2, 1.5 or newer is needed: *"
}

test_the_system_has_no_libbpf() {
	checkout
	PKG_CONFIG_LIBDIR=$tmp/nothing LIBBPF=system libbpf
	expect_one_line_error "libbpf.sh: LIBBPF=system: pkg-config finds no libbpf: *"
}

test_wrong_usage() {
	checkout
	libbpf --frobnicate
	expect_one_line_error 'libbpf.sh: usage: *'
	LIBBPF=mine libbpf
	expect_one_line_error "libbpf.sh: LIBBPF=mine: only 'system' is known"
}

run_tests "$@"
