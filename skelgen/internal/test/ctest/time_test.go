//go:build reference

package ctest

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// The whole process, the guard against crashes included, compared with bpftool
// called without the script around it: both in one run, in turn.
func TestTheCommandIsAboutAsFastAsBpftool(t *testing.T) {
	const (
		runs  = 20
		limit = 3.0
	)
	ours := []string{"../../../../build/bin/skelgen", "header"}
	out, err := exec.Command(bpftool(t), "--command").Output()
	if err != nil {
		t.Fatal(err)
	}
	theirs := append(strings.Fields(string(out)), "gen", "skeleton")
	small, large := extremes(t)
	for _, f := range []fixture{small, large} {
		var a, b []time.Duration
		for range runs {
			a = append(a, timed(t, append(slices.Clone(ours), f.object)))
			b = append(b, timed(t, append(slices.Clone(theirs), f.object)))
		}
		slices.Sort(a)
		slices.Sort(b)
		us, them := a[runs/2], b[runs/2]
		t.Logf("%s: %v, bpftool %v", f.name, us, them)
		if us.Seconds() > limit*them.Seconds() {
			t.Errorf("%s: %v, more than %v times bpftool's %v", f.name, us, limit, them)
		}
	}
}

func timed(t *testing.T, args []string) time.Duration {
	t.Helper()
	start := time.Now()
	if err := exec.Command(args[0], args[1:]...).Run(); err != nil {
		t.Fatalf("%s: %v", args[0], err)
	}
	return time.Since(start)
}

// extremes are the fixtures with the smallest and the largest object.
func extremes(t *testing.T) (small, large fixture) {
	t.Helper()
	list := fixtures(t)
	slices.SortFunc(list, func(a, b fixture) int { return int(size(t, a) - size(t, b)) })
	return list[0], list[len(list)-1]
}

func size(t *testing.T, f fixture) int64 {
	t.Helper()
	info, err := os.Stat(f.object)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
