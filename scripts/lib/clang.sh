# Sourced: find the clang that compiles BPF, and its llvm-strip. POSIX sh. Needs common.sh.
# 19 if it is installed, else the newest from 14 up. CLANG= and LLVM_STRIP= override.

clang_major() {
	"$1" -dumpversion 2>/dev/null | cut -d. -f1
}

# Sets CLANG and LLVM_STRIP; fails, and leaves the missing one empty, if there is none.
find_clang() {
	[ -n "${CLANG-}" ] || CLANG=$(best_clang) || return 1
	have "$CLANG" || return 1
	[ -n "${LLVM_STRIP-}" ] || LLVM_STRIP=$(llvm_strip_of "$CLANG") || return 1
}

best_clang() {
	have clang-19 && { echo clang-19; return; }
	best=13 found=
	for candidate in clang $(clang_versions); do
		have "$candidate" || continue
		major=$(clang_major "$candidate")
		[ "${major:-0}" -gt "$best" ] && best=$major found=$candidate
	done
	[ -n "$found" ] && echo "$found"
}

# The clang-N on the PATH, newest first.
clang_versions() {
	echo "$PATH" | tr : '\n' | while read -r folder; do
		ls "$folder" 2>/dev/null || true # PATH may name folders that do not exist
	done | grep -E '^clang-[0-9]+$' | sort -t- -k2 -rn | uniq
}

# The llvm-strip of the same version: by its name, beside the compiler, or the plain one if its version agrees.
llvm_strip_of() {
	major=$(clang_major "$1")
	beside=$(dirname "$(readlink -f "$(command -v "$1")")")/llvm-strip
	for candidate in "llvm-strip-$major" "$beside" llvm-strip; do
		have "$candidate" || continue
		"$candidate" --version 2>/dev/null | grep -q "version $major\." && { echo "$candidate"; return; }
	done
	return 1
}
