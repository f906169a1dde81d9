//go:build reference

package ctest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// These tests need the reference bpftool, which has to be downloaded: `make golden`
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

// noReference are the fixtures for which bpftool's subskeleton is useless, with the
// difference of ours.
var noReference = map[string]string{
	"arena":        "bpftool writes an empty file; libbpf finds no variable in an arena: ours has the map alone",
	"odd-names.v2": "bpftool has a member called a.dotted.name: ours has a_dotted_name",
	"tworules":     "bpftool's table names members that its struct has not: ours has neither",
}

func TestHeadersAreTheSameAsBpftools(t *testing.T) {
	tool, flags := bpftool(t), libbpfCFlags(t)
	for _, f := range fixtures(t) {
		for _, k := range f.forms() {
			if k.name == "subskeleton" && noReference[f.name] != "" {
				continue
			}
			t.Run(f.name+"/"+k.name, func(t *testing.T) {
				if why := compareWithReference(tool, f.object, "", k, flags); why != "" {
					t.Error(why)
				}
			})
		}
	}
}

func TestHeadersUnderAnotherNameAreTheSameAsBpftools(t *testing.T) {
	tool, flags := bpftool(t), libbpfCFlags(t)
	f := fixtureNamed(t, "sections")
	for _, name := range []string{"s", "a_name_longer_than_the_kernel_keeps", strings.Repeat("n", 63)} {
		for _, k := range forms {
			if why := compareWithReference(tool, f.object, name, k, flags); why != "" {
				t.Errorf("%s, %s: %s", name, k.name, why)
			}
		}
	}
}

// compareWithReference describes the difference between our header of an object and the
// reference's: in the text except banner and guards, or after preprocessing as C or as
// C++. "" means that they are equal.
func compareWithReference(tool, object, name string, k form, flags []string) string {
	args := []string{"gen", k.name, object}
	if name != "" {
		args = append(args, "name", name)
	}
	want, err := output(exec.Command(tool, args...))
	if err != nil {
		return "bpftool: " + err.Error()
	}
	got, err := k.tryHeader(object, name)
	if err != nil {
		return err.Error()
	}
	if g, w := withoutGuards(got), withoutGuards(want); !bytes.Equal(g, w) {
		return "text: " + firstDifference(g, w)
	}
	for _, lang := range []string{"c", "c++"} {
		g, errG := preprocess(lang, got, flags)
		w, errW := preprocess(lang, want, flags)
		if err := errors.Join(errG, errW); err != nil {
			return lang + ": " + err.Error()
		}
		if !bytes.Equal(g, w) {
			return lang + ": " + firstDifference(g, w)
		}
	}
	return ""
}

func compareLight(tool, object string) string {
	want, err := output(exec.Command(tool, "gen", "skeleton", "-L", object))
	got, ourErr := lightHeader(object, "")
	switch {
	case err != nil || ourErr != nil:
		return fmt.Sprintf("bpftool: %v; ours: %v", err, ourErr)
	case !bytes.Equal(got, want):
		return firstDifference(got, want)
	}
	return ""
}

// A light header equals bpftool's in every byte, and there is one if bpftool has one.
func TestLightHeadersAreThoseOfTheReference(t *testing.T) {
	tool := bpftool(t)
	for _, f := range fixtures(t) {
		why := compareLight(tool, f.object)
		if none := noLight[f.name]; none != "" {
			if !strings.Contains(why, "bpftool: ") || strings.Contains(why, "ours: <nil>") {
				t.Errorf("%s: both fail: %s", f.name, why)
			}
		} else if why != "" {
			t.Errorf("%s: %s", f.name, why)
		}
	}
}

// preprocess runs gcc -E -P with the headers of the libbpf that we are built with.
func preprocess(lang string, header []byte, flags []string) ([]byte, error) {
	args := append([]string{"-E", "-P", "-x", lang}, flags...)
	cmd := exec.Command("gcc", append(args, "-")...)
	cmd.Stdin = bytes.NewReader(header)
	return output(cmd)
}

// output runs a command; an error includes the command's messages.
func output(cmd *exec.Cmd) ([]byte, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}

// TestRealObjectsAreTheSameAsBpftools takes the objects in the folder
// REAL_OBJECTS; `make test-real` fills it.
func TestRealObjectsAreTheSameAsBpftools(t *testing.T) {
	dir := os.Getenv("REAL_OBJECTS")
	tool, flags := bpftool(t), libbpfCFlags(t)
	objects, err := filepath.Glob(filepath.Join(dir, "*.bpf.o"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("no objects in %s", dir)
	}
	same := 0
	for _, o := range objects {
		ok := true
		if why := compareLight(tool, o); why != "" {
			t.Errorf("%s, light: %s", filepath.Base(o), why)
			ok = false
		}
		for _, k := range forms {
			if why := compareWithReference(tool, o, "", k, flags); why != "" {
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
