package lighttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func TestMain(m *testing.M) { testkit.Main(m, nil) }

// TestFixtures loads the objects of the other tests.
func TestFixtures(t *testing.T) {
	compare(t, objectsIn(t, "../../../testdata/*/*.bpf.o"))
}

// TestSkeletons loads the objects of the tests of the run time, and the examples.
func TestSkeletons(t *testing.T) {
	if testkit.InGuest {
		t.Skip("a guest has no compiler")
	}
	testkit.NeedRoot(t)
	root, dir := "../../../..", t.TempDir()
	var objects []string
	for _, source := range objectsIn(t, root+"/internal/test/skels/bpf/*.bpf.c", root+"/internal/test/kernels/bpf/*.bpf.c", root+"/examples/*/bpf/*.bpf.c") {
		object := filepath.Join(dir, strings.TrimSuffix(filepath.Base(source), ".c")+".o")
		if strings.HasSuffix(object, "/nommap.bpf.o") {
			continue // would make other processes' maps fail while it is attached
		}
		if out, err := exec.Command("sh", root+"/scripts/bpfcc.sh", source, object).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", source, err, out)
		}
		objects = append(objects, object)
	}
	compare(t, objects)
}

// objectsIn are the files that match the patterns.
func objectsIn(t *testing.T, patterns ...string) (out []string) {
	t.Helper()
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("no objects like %s", p)
		}
		out = append(out, found...)
	}
	return out
}

// compare loads each object by both back ends: as it is, as its user changes it, and each
// of its programs alone, which it attaches too.
func compare(t *testing.T, paths []string) {
	testkit.NeedRoot(t)
	c := &comparison{steps: map[string]int{}, pins: testkit.BPFFS(t)}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".bpf.o")
		o, err := readObject(path, name)
		if err != nil {
			c.check(t, name, "generate", err.Error())
			continue
		}
		c.check(t, name, "generate", "")
		c.judge(t, o, "", func(*opened) (bool, error) { return true, nil })
		c.judge(t, o, "", func(open *opened) (bool, error) { return prepare(open, name, "") })
		for _, p := range o.spec.Programs {
			c.judge(t, o, p, func(open *opened) (bool, error) {
				err := open.only(p)
				if err == nil {
					_, err = prepare(open, name, p)
				}
				return true, err
			})
		}
	}
	t.Logf("%d objects: %d verdicts, of which %v", len(paths), c.count, c.steps)
	if c.steps["attached"] == 0 {
		t.Error("nothing was attached, so nothing was shown")
	}
}

type comparison struct {
	count int
	steps map[string]int // verdicts by their first word
	pins  string         // a BPF file system
}

// judge compares how far an object gets after a change, or one of its programs. change
// reports whether there was something to do.
func (c *comparison) judge(t *testing.T, o *object, program string, change func(*opened) (bool, error)) {
	t.Helper()
	var verdicts []verdict
	for _, b := range o.backends {
		idle := false
		pins, err := os.MkdirTemp(c.pins, "") // removed with the file system
		testkit.Must(t, err)
		v := o.judge(b, pins, program != "", func(open *opened) error {
			changed, err := change(open)
			idle = !changed && err == nil
			return err
		})
		if idle {
			return
		}
		verdicts = append(verdicts, v)
	}
	c.count++
	c.steps[verdicts[0].step()]++
	c.check(t, o.name, program, difference(verdicts[0], verdicts[1]))
}

// check wants no difference where exceptions has none, and one where it has.
func (c *comparison) check(t *testing.T, object, part, difference string) {
	t.Helper()
	reason := exceptions[object+" "+part]
	switch {
	case reason == "" && difference != "":
		t.Errorf("%s %s, by libbpf and by light: %s", object, part, difference)
	case reason != "" && difference == "":
		t.Errorf("%s %s is no exception any more", object, part)
	}
}

// difference is the lines that differ.
func difference(a, b verdict) string {
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	if x[0] != y[0] || len(x) != len(y) {
		return "\n\t" + x[0] + "\n\t" + y[0]
	}
	var out strings.Builder
	for i := range x {
		if x[i] != y[i] {
			out.WriteString("\n\t" + x[i] + "\n\t" + y[i])
		}
	}
	return out.String()
}

// prepare sets what the tools set before load: sizes that are not in the object, and
// targets. If program is not "", only its target is set. It reports whether there was
// something to set.
func prepare(o *opened, tool, program string) (changed bool, err error) {
	set := func(f func() error) {
		if changed = true; err == nil {
			err = f()
		}
	}
	for _, m := range o.maps {
		if m.Type() == uapi.MapTypeStackTrace && m.ValueSize() == 0 {
			set(func() error { return m.SetValueSize(127 * 8) })
		}
		if m.MaxEntries() == 0 && m.Type() != uapi.MapTypePerfEventArray {
			set(func() error { return m.SetMaxEntries(10240) })
		}
	}
	for _, p := range o.programs {
		target := targets[tool][p.Name()]
		if target != "" && (program == "" || program == p.Name()) {
			set(func() error { return p.SetAttachTarget(nil, target) })
		}
	}
	return changed, err
}

// exceptions are the objects that have no light package, as "OBJECT generate", and the
// objects ("OBJECT ") and programs ("OBJECT PROGRAM") that get less far with it, each with
// the reason.
var exceptions = map[string]string{
	"arena generate":          "global variables in an arena are allocated by libbpf",
	"structops generate":      structOps,
	"structops_many generate": structOps,
	"ops generate":            structOps,
	"scheduler generate":      structOps,
	"lost no_target":          noTarget,
	"lost no_section":         noTarget,
	"attach usdt_named":       "USDT probes are found by libbpf: the program loads, and attaching is an error that says so",
	"attach replacement":      "freplace needs the program that it replaces, which libbpf looks up: switching it on is an error that says so",
}

const structOps = "libbpf writes no loader for struct_ops, which needs the kernel's types at load"

const noTarget = "libbpf writes no loader for a program whose section it cannot read: switching it on is an error that says so"

// targets are functions that the kernel has, of the form of those that the tools choose at
// run time.
var targets = map[string]map[string]string{
	"fsdist":      fileTargets,
	"fsslower":    without(fileTargets, "getattr_fentry", "getattr_fexit"),
	"funclatency": {"dummy_fentry": "vfs_read", "dummy_fexit": "vfs_read"},
	"biosnoop":    {"blk_account_io_start": "__blk_account_io_start"},
	"biostacks":   {"blk_account_io_start": "__blk_account_io_start", "blk_account_io_done": "__blk_account_io_done"},
	"readahead":   {"do_page_cache_ra": "page_cache_ra_order", "do_page_cache_ra_ret": "page_cache_ra_order"},
}

var fileTargets = map[string]string{
	"file_read_fentry": "generic_file_read_iter", "file_read_fexit": "generic_file_read_iter",
	"file_write_fentry": "generic_file_write_iter", "file_write_fexit": "generic_file_write_iter",
	"file_open_fentry": "generic_file_open", "file_open_fexit": "generic_file_open",
	"file_sync_fentry": "noop_fsync", "file_sync_fexit": "noop_fsync",
	"getattr_fentry": "simple_getattr", "getattr_fexit": "simple_getattr",
}

func without(from map[string]string, names ...string) map[string]string {
	out := map[string]string{}
	for name, target := range from {
		if !slices.Contains(names, name) {
			out[name] = target
		}
	}
	return out
}
