package main

import (
	"strings"
	"testing"
)

// lines are what `go test -json` prints, shortened to the fields that count.
func closing(t *testing.T, ci bool, lines ...string) (output string, ok bool) {
	t.Helper()
	var out strings.Builder
	s := newSummary(&out, false)
	s.read(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	ok = s.close(ci)
	return out.String(), ok
}

const (
	passA    = `{"Action":"pass","Package":"p","Test":"A"}`
	failB    = `{"Action":"fail","Package":"p","Test":"B"}`
	packageF = `{"Action":"fail","Package":"p"}`
	packageP = `{"Action":"pass","Package":"p"}`
)

func TestClosingLine(t *testing.T) {
	for _, c := range []struct {
		name  string
		ci    bool
		lines []string
		want  string
		ok    bool
	}{
		{"all pass", false, []string{passA, packageP}, "1 passed, 0 failed, 0 skipped\n", true},
		{"nothing ran", false, []string{packageP}, "0 passed, 0 failed, 0 skipped\n", false},
		{"one fails, with its output", false, []string{
			passA, `{"Action":"output","Package":"p","Test":"B","Output":"b_test.go:3: no\n"}`, failB, packageF,
		}, "b_test.go:3: no\n1 passed, 1 failed, 0 skipped\n", false},
		{"subtests count, their parent does not", false, []string{
			`{"Action":"run","Package":"p","Test":"A/x"}`,
			`{"Action":"pass","Package":"p","Test":"A/x"}`,
			`{"Action":"run","Package":"p","Test":"A/y"}`,
			`{"Action":"fail","Package":"p","Test":"A/y"}`,
			`{"Action":"fail","Package":"p","Test":"A"}`, packageF,
		}, "1 passed, 1 failed, 0 skipped\n", false},
		{"a parent that fails by itself", false, []string{
			`{"Action":"run","Package":"p","Test":"A/x"}`,
			`{"Action":"pass","Package":"p","Test":"A/x"}`,
			`{"Action":"fail","Package":"p","Test":"A"}`, packageF,
		}, "1 passed, 1 failed, 0 skipped\n", false},
		{"a package that does not build", false, []string{
			passA, packageP,
			`{"Action":"build-output","ImportPath":"q [q.test]","Output":"q.go:1: undefined: x\n"}`,
			`{"Action":"fail","Package":"q","FailedBuild":"q [q.test]"}`,
		}, "FAIL: q\nq.go:1: undefined: x\n1 passed, 1 failed, 0 skipped\n", false},
		{"a test that dies", false, []string{
			passA, `{"Action":"output","Package":"p","Test":"B","Output":"panic: no\n"}`, packageF,
		}, "FAIL: p\npanic: no\n1 passed, 1 failed, 0 skipped\n", false},
		{"a skip at home", false, []string{
			passA, `{"Action":"output","Package":"p","Test":"S","Output":"no clang\n"}`,
			`{"Action":"skip","Package":"p","Test":"S"}`, packageP,
		}, "skipped: p S: no clang\n1 passed, 0 failed, 1 skipped\n", true},
		{"a skip in CI that nothing excuses", true, []string{
			passA, `{"Action":"output","Package":"p","Test":"S","Output":"no clang\n"}`,
			`{"Action":"skip","Package":"p","Test":"S"}`, packageP,
		}, "skipped: p S: no clang\nFAIL: p S\nskipped in CI, for a reason that scripts/testall/skips.go does not list\n" +
			"1 passed, 1 failed, 0 skipped\n", false},
		{"a skip in CI that its kernel explains", true, []string{
			passA, `{"Action":"output","Package":"p","Test":"S","Output":"kprobe: not configured in this kernel\n"}`,
			`{"Action":"skip","Package":"p","Test":"S"}`, packageP,
		}, "skipped: p S: kprobe: not configured in this kernel\n1 passed, 0 failed, 1 skipped\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := closing(t, c.ci, c.lines...)
			if got != c.want || ok != c.ok {
				t.Errorf("got %q, %v\nwant %q, %v", got, ok, c.want, c.ok)
			}
		})
	}
}
