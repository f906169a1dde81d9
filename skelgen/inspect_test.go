package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "minimal.bpf.o"), fixture(t), 0o666)
	stdout, stderr, status := invoke(t, dir, "inspect", "--json", "minimal.bpf.o")
	if status != 0 {
		t.Fatal(stderr)
	}
	var got struct {
		Name     string
		Programs []struct{ Name, Type string }
		Maps     []struct {
			Name   string
			Mapped bool
		}
		Variables []struct{ Name, Section, Declaration string }
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "minimal_bpf" || len(got.Maps) == 0 || len(got.Variables) == 0 {
		t.Errorf("%+v", got)
	}
	text, _, _ := invoke(t, dir, "inspect", "minimal.bpf.o")
	for _, p := range got.Programs {
		if !strings.Contains(text, p.Name) {
			t.Errorf("the text lacks program %s", p.Name)
		}
	}
	for _, v := range got.Variables {
		if !strings.Contains(text, v.Declaration) {
			t.Errorf("the text lacks variable %s", v.Declaration)
		}
	}
}
