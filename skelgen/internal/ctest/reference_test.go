//go:build reference

package ctest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// These tests need the reference bpftool, which takes a download: `make golden`
// and `make test-real` run them.

// bpftool is the command of the reference bpftool, from BPFTOOL.
func bpftool(t testing.TB) string {
	t.Helper()
	cmd := os.Getenv("BPFTOOL")
	if cmd == "" {
		t.Fatal("BPFTOOL is not set")
	}
	return cmd
}

// noReference are the fixtures whose subskeleton by bpftool is of no use to
// anybody, and what ours does instead.
var noReference = map[string]string{
	"arena":        "bpftool writes an empty file; libbpf finds no variable in an arena: ours has the map alone",
	"odd-names.v2": "bpftool has a member called a.dotted.name: ours has a_dotted_name",
	"tworules":     "bpftool's table names members that its struct has not: ours has neither",
}

func TestHeadersAreThoseOfTheReference(t *testing.T) {
	tool := bpftool(t)
	for _, f := range fixtures(t) {
		for _, k := range f.forms() {
			if k.name == "subskeleton" && noReference[f.name] != "" {
				continue
			}
			t.Run(f.name+"/"+k.name, func(t *testing.T) {
				if why := compareWithReference(t, tool, f.object, k); why != "" {
					t.Error(why)
				}
			})
		}
	}
}

// compareWithReference says how our header of an object differs from the
// reference's: in its text but for banner and guards, or after preprocessing
// as C or as C++. "" is no difference.
func compareWithReference(t *testing.T, tool, object string, k form) string {
	t.Helper()
	ref := exec.Command(tool, "gen", k.name, object)
	var stderr bytes.Buffer
	ref.Stderr = &stderr
	want, err := ref.Output()
	if err != nil {
		t.Fatalf("bpftool: %v: %s", err, &stderr)
	}
	got := k.header(t, object)
	if g, w := withoutGuards(got), withoutGuards(want); !bytes.Equal(g, w) {
		return "text: " + firstDifference(g, w)
	}
	for _, lang := range []string{"c", "c++"} {
		g, w := preprocess(t, lang, got), preprocess(t, lang, want)
		if !bytes.Equal(g, w) {
			return lang + ": " + firstDifference(g, w)
		}
	}
	return ""
}

// preprocess is gcc -E -P against the libbpf that we are built with.
func preprocess(t *testing.T, lang string, header []byte) []byte {
	t.Helper()
	args := append([]string{"-E", "-P", "-x", lang}, libbpfCFlags(t)...)
	cmd := exec.Command("gcc", append(args, "-")...)
	cmd.Stdin = bytes.NewReader(header)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("gcc: %v: %s", err, &stderr)
	}
	return out
}

// TestRealObjectsAreThoseOfTheReference takes the objects in the folder
// REAL_OBJECTS; `make test-real` fills it.
func TestRealObjectsAreThoseOfTheReference(t *testing.T) {
	dir := os.Getenv("REAL_OBJECTS")
	tool := bpftool(t)
	objects, err := filepath.Glob(filepath.Join(dir, "*.bpf.o"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("no objects in %s", dir)
	}
	same := 0
	for _, o := range objects {
		ok := true
		for _, k := range forms {
			if why := compareWithReference(t, tool, o, k); why != "" {
				t.Errorf("%s, %s: %s", filepath.Base(o), k.name, why)
				ok = false
			}
		}
		if ok {
			same++
		}
	}
	t.Logf("%d of %d objects have the reference's headers", same, len(objects))
}
