# Sourced: which clang compiles BPF, and the llvm-strip that belongs to it. POSIX sh. Needs common.sh.
# 19 where it is installed, else the newest from 14 up. CLANG= and LLVM_STRIP= override.

clang_major() {
	"$1" -dumpversion 2>/dev/null | cut -d. -f1
}

# Sets CLANG and LLVM_STRIP; fails with CLANG or LLVM_STRIP empty where there is none.
find_clang() {
	[ -n "${CLANG-}" ] || CLANG=$(best_clang) || return 1
	have "$CLANG" || return 1
	[ -n "${LLVM_STRIP-}" ] || LLVM_STRIP=$(strip_of "$CLANG") || return 1
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
		ls "$folder" 2>/dev/null || true # PATH may name folders that are not there
	done | grep -E '^clang-[0-9]+$' | sort -t- -k2 -rn | uniq
}

# The llvm-strip of the same version: by its name, beside the compiler, or the plain one if its version agrees.
strip_of() {
	major=$(clang_major "$1")
	beside=$(dirname "$(readlink -f "$(command -v "$1")")")/llvm-strip
	for candidate in "llvm-strip-$major" "$beside" llvm-strip; do
		have "$candidate" || continue
		"$candidate" --version 2>/dev/null | grep -q "version $major\." && { echo "$candidate"; return; }
	done
	return 1
}
