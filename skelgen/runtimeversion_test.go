package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/usermod"
	"github.com/bpfskel/bpfskel/pkg/skelrt"
)

// Code that was generated for a run time that is older or newer than the one in go.mod
// does not compile, and the compiler's message names the remedy.
func TestGeneratedCodeOfOtherVersionsDoesNotCompile(t *testing.T) {
	module, older, _ := twoGenerations(t)
	path := filepath.Join(older, "x_skel.go")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		version int
		want    string // "" if it compiles
	}{
		{"the oldest that the run time works with", skelrt.OldestGenerated, ""},
		{"the newest", skelrt.NewestGenerated, ""},
		{"too old", skelrt.OldestGenerated - 1, "skelrt.RunSkelgenAgain"},
		{"too new", skelrt.NewestGenerated + 1, "skelrt.UpdateBpfskel"},
	} {
		text := strings.NewReplacer(
			"RunSkelgenAgain(1 -", fmt.Sprintf("RunSkelgenAgain(%d -", c.version),
			"NewestGenerated - 1)", fmt.Sprintf("NewestGenerated - %d)", c.version),
		).Replace(string(good))
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		out, err := usermod.Go(module, []string{"CGO_ENABLED=0"}, "build", "./old/x")
		if (err == nil) != (c.want == "") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v, want %q in\n%s", c.name, err, c.want, out)
		}
	}
}

// Generated code other than types stays small enough to be read.
func TestLinesOfTheMinimalPackage(t *testing.T) {
	const limit = 208
	lines := 0
	for _, kind := range []string{"skel", "libbpf", "nolibbpf"} {
		text, err := os.ReadFile(filepath.Join("..", "examples", "minimal", "minimal", "minimal_"+kind+".go"))
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(text, []byte("\n"))
	}
	if lines < 50 || lines >= limit {
		t.Errorf("%d lines, want less than %d", lines, limit)
	}
}
