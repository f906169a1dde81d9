#!/bin/sh
# lint.sh STATICCHECK: the linters over the whole tree; STATICCHECK is the module and version to run.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/.." || exit 1
failed=0
check() { "$@" || failed=1; }

unformatted=$(git ls-files -z --cached --others --exclude-standard '*.go' | xargs -0 gofmt -l)
[ -z "$unformatted" ] || { echo "not gofmt'd:"; echo "$unformatted"; failed=1; }
check sh "$here/env.sh" go vet -tags reference ./...
check sh "$here/env.sh" go run "$1" ./...
check sh "$here/env.sh" go run "$1" -tags reference ./skelgen/...
if command -v golangci-lint >/dev/null; then check sh "$here/env.sh" golangci-lint run; fi
for script in scripts/*.sh scripts/lib/*.sh scripts/tests/*.sh .ci/run; do
	shell=bash
	! head -n 1 "$script" | grep -q '^#!/bin/sh' || shell='sh'
	check "$shell" -n "$script"
done
check sh "$here/lint-dockerfile.sh" Dockerfile scripts/Dockerfile.*
if command -v shellcheck >/dev/null; then
	check shellcheck -x -P scripts scripts/*.sh .ci/run
	check shellcheck -x -P scripts/tests scripts/tests/*.sh
fi
exit "$failed"
