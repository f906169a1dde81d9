package skels

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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

// opened is the OpenSkel of a package; objects are the objects of all packages.
type opened interface {
	ELF() []byte
	Close() error
}

var objects = map[string]func() (opened, error){
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

// flags returns the flags of generate.sh for a package.
func flags(name string) []string {
	switch name {
	case "arena", "ops", "scheduler": // variables in an arena, struct_ops
		return nil
	}
	return []string{"--light"}
}

// generator builds skelgen in dir.
func generator(t *testing.T, dir string) string {
	t.Helper()
	skelgen := filepath.Join(dir, "skelgen")
	if out, err := exec.Command("go", "build", "-o", skelgen, "../../../skelgen").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return skelgen
}

// write writes the object of a package into dir.
func write(t *testing.T, dir, name string) (path string) {
	t.Helper()
	o, err := objects[name]()
	testkit.Must(t, err)
	path = filepath.Join(dir, name+".bpf.o")
	testkit.Must(t, os.WriteFile(path, o.ELF(), 0o644))
	testkit.Must(t, o.Close())
	return path
}

// The packages match the current generator's output for the objects in them.
func TestGeneratedPackagesAreUpToDate(t *testing.T) {
	dir := t.TempDir()
	skelgen := generator(t, dir)
	sources, err := filepath.Glob("bpf/*.bpf.c")
	testkit.Must(t, err)
	// The generator refuses the object of relaxed.
	if len(sources) != len(objects)+1 {
		t.Errorf("%d objects for %d sources", len(objects), len(sources))
	}
	for name := range objects {
		if out, err := exec.Command(skelgen, slices.Concat([]string{"generate", "--check", "--out", name}, flags(name), []string{write(t, dir, name)})...).CombinedOutput(); err != nil {
			t.Errorf("run internal/test/skels/generate.sh: %v: %s", err, out)
		}
	}
}

// The packages work as well if they embed their objects instead of including headers:
// tests of the run time pass with these files instead of the others. EMBED_FLAGS are
// additional flags of go test, such as -race.
func TestPackagesThatEmbedTheirObjects(t *testing.T) {
	testkit.NeedRoot(t)
	dir := t.TempDir()
	skelgen := generator(t, dir)
	here, err := filepath.Abs(".")
	testkit.Must(t, err)
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name := range objects {
		if out, err := exec.Command(skelgen, slices.Concat([]string{"generate", "--embed", "--out", filepath.Join(dir, name)}, flags(name), []string{write(t, dir, name)})...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		for _, file := range []string{name + "_libbpf.go", name + ".bpf.o"} {
			overlay.Replace[filepath.Join(here, name, file)] = filepath.Join(dir, name, file)
		}
	}
	text, err := json.Marshal(overlay)
	testkit.Must(t, err)
	file := filepath.Join(dir, "overlay.json")
	testkit.Must(t, os.WriteFile(file, text, 0o644))

	list, err := exec.Command("go", "list", "-overlay", file, "-f", "{{.CgoFiles}} {{.EmbedFiles}}", "./basic").CombinedOutput()
	if err != nil || string(list) != "[] [basic.bpf.o]\n" {
		t.Fatalf("%v: %s", err, list)
	}
	args := append([]string{"test", "-overlay", file, "-count=1", "-v", "-run", embedTests}, strings.Fields(os.Getenv("EMBED_FLAGS"))...)
	out, err := exec.Command("go", append(args, "../../../pkg/skel", "../../../pkg/ringbuf")...).CombinedOutput()
	if n := strings.Count(string(out), "\n--- PASS"); err != nil || n < 25 {
		t.Errorf("%d tests passed, %v: %s", n, err, out)
	}
}

// embedTests are tests of everything that an object can have: globals, maps, links,
// struct_ops, arenas, failures to load, and its bytes.
const embedTests = "^Test(S[1-7].*|Links|Array|Hash|MapsOfMaps|StructOps.*|UpdateMap.*|AThousandLives|AHundredFailedLoads" +
	"|CloseWithoutLoad.*|UseAfterClose|NilSkeletons.*|AnArena.*|AResizedSection|TestRun|VerifierErrorHas.*|TypedRecords|RingBuf.*)$"
