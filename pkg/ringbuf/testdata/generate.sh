#!/bin/sh
# generate.sh: compile the objects in bpf/ and generate their packages anew.
set -eu
cd "$(dirname "$0")"
root=../../..
objects=$(mktemp -d)
trap 'rm -r "$objects"' EXIT
for source in bpf/*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	sh "$root/scripts/bpfcc.sh" "$source" "$objects/$name.bpf.o"
	"${SKELGEN:-$root/build/bin/skelgen}" generate --out "$name" "$objects/$name.bpf.o"
done
