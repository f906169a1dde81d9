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
	light=--light
	case $name in arena | ops | scheduler) light= ;; esac # variables in an arena, struct_ops
	"${SKELGEN:-$root/build/bin/skelgen}" generate $light --out "$name" "$objects/$name.bpf.o"
done
# A map attribute of the future. The generator refuses it, so it is put in afterwards; a line may end in its name.
perl -0pi -e '$name = join("(\\\\\\n)?", map { sprintf("\\\\x%02x", ord) } split(//, "map_extr"));
	s/($name(\\\\\n)?)\\x61/$1\\x62/ or die "no map_extra"' relaxed/relaxed.skel.h
