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

const inspectSource = `
#define SEC(n) __attribute__((section(n), used))
#define __uint(n, v) int (*n)[v]
#define __type(n, t) typeof(t) *n
struct { __uint(type, 1); __uint(max_entries, 8); __type(key, int); __type(value, long); __uint(pinning, 1); } counts SEC(".maps");
struct { __uint(type, 2); __uint(max_entries, 9); __type(key, int); __type(value, struct { int a; }); } other SEC(".maps");
struct { int a; struct { long b; } c; } anonymous, table[2];
enum { A, B } choice = B;
union { int i; float f; } *pointer;
const volatile struct { char name[16]; } fixed = {};
int (*function)(struct { int z; } *);
struct record { long t; } *unused_record;
SEC("?fentry/vfs_open") int off(void *ctx) { return 0; }
SEC("tp/sched/sched_switch") int plain(void *ctx) { return 0; }
SEC("cgroup_skb/ingress") int in(void *ctx) { return 1; }
char LICENSE[] SEC("license") = "GPL";
unsigned VERSION SEC("version") = 7;
`

// Everything has its name, its type, and what libbpf will do with it.
func TestInspectTellsAll(t *testing.T) {
	dir := t.TempDir()
	compile(t, inspectSource, filepath.Join(dir, "x.bpf.o"), true)
	text, stderr, status := invoke(t, dir, "inspect", "x.bpf.o")
	if status != 0 {
		t.Fatal(stderr)
	}
	lines := map[string]bool{}
	for _, l := range strings.Split(text, "\n") {
		lines[strings.Join(strings.Fields(l), " ")] = true
	}
	for _, want := range []string{
		"counts hash int (4) long (8) 8 /sys/fs/bpf/counts",
		"other array int (4) struct {...} (4) 9",
		"off tracing trace_fentry off fentry/vfs_open",
		"plain tracepoint - on tp/sched/sched_switch",
		"in cgroup_skb cgroup_inet_ingress on cgroup_skb/ingress",
		".bss 0 16 struct { ... } anonymous",
		".bss 16 32 struct { ... } table[2]",
		".bss 48 8 union { ... } *pointer",
		".bss 56 8 int (*function)(struct { ... } *)",
		".data 0 4 enum { ... } choice",
		".rodata 0 16 volatile const struct { ... } fixed",
		"license 0 4 char LICENSE[4]",
		"version 0 4 unsigned int VERSION",
	} {
		if !lines[want] {
			t.Errorf("no line %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "unused_record") {
		t.Errorf("a variable that only brings in a type is shown as data:\n%s", text)
	}
	text, _, _ = invoke(t, dir, "inspect", "--json", "x.bpf.o")
	if !strings.Contains(text, `"name": "record"`) || strings.Contains(text, "unused_record") {
		t.Errorf("the JSON lacks a type, or has the variable that brings it in:\n%s", text)
	}
	var got struct {
		Maps []struct {
			Name string
			Pin  string `json:"pin_path"`
		}
		Programs []struct {
			Name     string
			Attach   string `json:"attach_type"`
			Autoload bool
		}
		Variables []struct{ Name, Declaration string }
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if m := got.Maps[0]; m.Name != "counts" || m.Pin != "/sys/fs/bpf/counts" {
		t.Errorf("%+v", m)
	}
	if p := got.Programs[0]; p.Name != "off" || p.Attach != "trace_fentry" || p.Autoload {
		t.Errorf("%+v", p)
	}
	for _, v := range got.Variables {
		if !strings.Contains(v.Declaration, v.Name) || v.Declaration == v.Name {
			t.Errorf("%+v", v)
		}
	}
}
