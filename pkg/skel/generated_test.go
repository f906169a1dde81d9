package skel_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/skel/testdata/arena"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/attach"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/basic"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/elements"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/lost"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/macros"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/ops"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/pinned"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/records"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/refused"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/scheduler"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/strong"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/three"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/tracepoint"
)

// The packages in testdata are what the generator writes today, of the objects
// that are in them.
func TestGeneratedPackagesAreCurrent(t *testing.T) {
	if instrumented {
		t.Skip("the generator is built without -race and -asan")
	}
	dir := t.TempDir()
	skelgen := filepath.Join(dir, "skelgen")
	if out, err := exec.Command("go", "build", "-o", skelgen, "../../skelgen").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	type opened interface {
		ELF() []byte
		Close() error
	}
	objects := map[string]func() (opened, error){
		"arena":      func() (opened, error) { return arena.Open() },
		"attach":     func() (opened, error) { return attach.Open() },
		"basic":      func() (opened, error) { return basic.Open() },
		"elements":   func() (opened, error) { return elements.Open() },
		"kinds":      func() (opened, error) { return kinds.Open() },
		"macros":     func() (opened, error) { return macros.Open() },
		"lost":       func() (opened, error) { return lost.Open() },
		"ops":        func() (opened, error) { return ops.Open() },
		"pinned":     func() (opened, error) { return pinned.Open() },
		"records":    func() (opened, error) { return records.Open() },
		"refused":    func() (opened, error) { return refused.Open() },
		"scheduler":  func() (opened, error) { return scheduler.Open() },
		"strong":     func() (opened, error) { return strong.Open() },
		"three":      func() (opened, error) { return three.Open() },
		"tracepoint": func() (opened, error) { return tracepoint.Open() },
	}
	sources, err := filepath.Glob("testdata/bpf/*.bpf.c")
	must(t, err)
	// The generator refuses what relaxed has in it.
	if len(sources) != len(objects)+1 {
		t.Errorf("%d objects for %d sources", len(objects), len(sources))
	}
	for name, open := range objects {
		o, err := open()
		must(t, err)
		object := filepath.Join(dir, name+".bpf.o")
		must(t, os.WriteFile(object, o.ELF(), 0o644))
		must(t, o.Close())
		if out, err := exec.Command(skelgen, "generate", "--check", "--out", filepath.Join("testdata", name), object).CombinedOutput(); err != nil {
			t.Errorf("run testdata/generate.sh: %v: %s", err, out)
		}
	}
}
