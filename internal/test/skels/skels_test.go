package skels

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/arena"
	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/elements"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/lost"
	"github.com/bpfskel/bpfskel/internal/test/skels/macros"
	"github.com/bpfskel/bpfskel/internal/test/skels/ops"
	"github.com/bpfskel/bpfskel/internal/test/skels/pinned"
	"github.com/bpfskel/bpfskel/internal/test/skels/records"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/internal/test/skels/scheduler"
	"github.com/bpfskel/bpfskel/internal/test/skels/strong"
	"github.com/bpfskel/bpfskel/internal/test/skels/three"
	"github.com/bpfskel/bpfskel/internal/test/skels/tracepoint"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
)

// The packages are what the generator writes today, of the objects that are in them.
func TestGeneratedPackagesAreCurrent(t *testing.T) {
	dir := t.TempDir()
	skelgen := filepath.Join(dir, "skelgen")
	if out, err := exec.Command("go", "build", "-o", skelgen, "../../../skelgen").CombinedOutput(); err != nil {
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
		"lost":       func() (opened, error) { return lost.Open() },
		"macros":     func() (opened, error) { return macros.Open() },
		"ops":        func() (opened, error) { return ops.Open() },
		"pinned":     func() (opened, error) { return pinned.Open() },
		"records":    func() (opened, error) { return records.Open() },
		"refused":    func() (opened, error) { return refused.Open() },
		"rings":      func() (opened, error) { return rings.Open() },
		"scheduler":  func() (opened, error) { return scheduler.Open() },
		"strong":     func() (opened, error) { return strong.Open() },
		"three":      func() (opened, error) { return three.Open() },
		"tracepoint": func() (opened, error) { return tracepoint.Open() },
	}
	sources, err := filepath.Glob("bpf/*.bpf.c")
	testkit.Must(t, err)
	// The generator refuses what relaxed has in it.
	if len(sources) != len(objects)+1 {
		t.Errorf("%d objects for %d sources", len(objects), len(sources))
	}
	for name, open := range objects {
		o, err := open()
		testkit.Must(t, err)
		object := filepath.Join(dir, name+".bpf.o")
		testkit.Must(t, os.WriteFile(object, o.ELF(), 0o644))
		testkit.Must(t, o.Close())
		if out, err := exec.Command(skelgen, "generate", "--check", "--out", name, object).CombinedOutput(); err != nil {
			t.Errorf("run internal/test/skels/generate.sh: %v: %s", err, out)
		}
	}
}
