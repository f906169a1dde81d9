# Sourced: Go packages whose BPF objects are for another architecture than this machine's. POSIX sh. Needs common.sh.

# write_overlay ROOT GOARCH DIR FILE: compile DIR/bpf/*.bpf.c for GOARCH and write into FILE, for `go build -overlay`, the
# files that then differ in the packages generated from them. The checkout's own files do not change. An object that reads
# neither registers nor system call numbers is the same for both, and is not replaced. (Go ignores folders that begin with
# a dot.)
write_overlay() {
	overlay_made=$1/build/.overlay/$2/$(basename "$3")
	{
		printf '{"Replace": {'
		separator=
		for source in "$3"/bpf/*.bpf.c; do
			[ -f "$source" ] || continue
			name=$(basename "$source" .bpf.c)
			sh "$1/scripts/bpfcc.sh" --goarch "$2" "$source" "$overlay_made/$name.bpf.o"
			"$1/build/bin/skelgen" generate --out "$overlay_made/$name" "$overlay_made/$name.bpf.o"
			for file in "$overlay_made/$name"/*; do
				old=$(cd "$3" && pwd)/$name/$(basename "$file")
				cmp -s "$file" "$old" && continue
				printf '%s\n"%s": "%s"' "$separator" "$old" "$file"
				separator=,
			done
		done
		printf '}}\n'
	} > "$4"
}
