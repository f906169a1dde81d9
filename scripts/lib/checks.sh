# Sourced by the tests that run programs: one line per check, and counts at the end. bash. Needs common.sh.
passed=0 failed=0 skipped=0

# skip_check NAME REASON: counts a check that this machine cannot make.
skip_check() {
	skipped=$((skipped + 1))
	echo "skipped: $1: $2"
}

# check NAME CMD...: CMD succeeds; its output is shown if it does not.
check() {
	local name=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "ok: $name"
		passed=$((passed + 1))
	else
		echo "FAIL: $name"
		printf '%s\n' "$out" | sed 's/^/    /'
		failed=$((failed + 1))
	fi
}

# prints PATTERN CMD...: CMD prints a line that matches.
prints() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1)
	printf '%s\n' "$out"
	grep -qE "$pattern" <<< "$out"
}

# prints_no PATTERN CMD...: CMD succeeds, and does not print a line that matches.
prints_no() {
	local pattern=$1 out
	shift
	out=$("$@" 2>&1) || { printf '%s\n' "$out"; return 1; }
	! grep -E "$pattern" <<< "$out"
}

# fails_with PATTERN CMD...: CMD fails, and prints a line that matches.
fails_with() {
	local pattern=$1 out
	shift
	if out=$("$@" 2>&1); then
		printf 'it succeeds: %s\n' "$out"
		return 1
	fi
	printf '%s\n' "$out"
	grep -qE "$pattern" <<< "$out"
}

# fails_in_one_line PATTERN CMD...: CMD fails, and its only output is one line that matches.
fails_in_one_line() {
	local out
	out=$(fails_with "$@")
	local status=$?
	printf '%s\n' "$out"
	[ "$status" = 0 ] && [ "$(wc -l <<< "$out")" = 1 ]
}

at_most() { # LIMIT NUMBER
	echo "$2, the limit is $1"
	[ "$2" -le "$1" ]
}

# finish: prints the counts, and sets the exit status of the whole test.
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ]
}
