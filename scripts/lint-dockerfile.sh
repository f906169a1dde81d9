#!/bin/sh
# lint-dockerfile.sh FILE...: check that Dockerfiles use only syntax that both of Docker's builders support.
set -eu
me=lint-dockerfile.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/common.sh"

# Syntax that only BuildKit supports: a regular expression for a whole instruction, then its name.
buildkit_only='
^#\s*(syntax|escape|check)\s*=                                  a syntax directive
^RUN\s+--                                                       RUN with an option
^(COPY|ADD)\s.*--(chmod|link|parents|exclude|checksum|unpack)   COPY or ADD with a new option
^(RUN|COPY|ADD)\s.*<<                                           a here-document
^FROM\s+--                                                      FROM with an option
^[^#].*\$\{?(BUILD|TARGET)(PLATFORM|OS|ARCH|VARIANT)            a variable that it sets
'

# joined FILE: one instruction per line, after the number of its first line; like Docker, it drops comments inside one.
joined() {
	awk '/^[ \t]*#/ { if (!open) print NR ":" $0; next }
		{ if (!open) printf "%d:", NR; sub(/^[ \t]+/, ""); open = sub(/\\[ \t]*$/, " "); printf "%s%s", $0, open ? "" : "\n" }' "$1"
}

[ $# -gt 0 ] || die "usage: lint-dockerfile.sh FILE..."
failed=0
for file; do
	[ -f "$file" ] || die "$file: no such file"
	found=$(echo "$buildkit_only" | while read -r pattern what; do
		[ -z "$what" ] || joined "$file" | grep -iE "^[0-9]+:${pattern#^}" |
			sed -E "s~^([0-9]+):.*~$file:\1: only BuildKit supports $what~"
	done)
	[ -z "$found" ] || { echo "$found" >&2; failed=1; }
done
exit "$failed"
