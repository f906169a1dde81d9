//go:build linux && cgo

package interop

import (
	"bytes"
	"debug/elf"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aquasecurity/libbpfgo"
	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

var must = testkit.Must

func TestMain(m *testing.M) { testkit.Main(m, nil) }

func loadBasic(t *testing.T) *basic.Skel {
	t.Helper()
	testkit.NeedRoot(t)
	open, err := basic.Open()
	must(t, err)
	open.Rodata.MyPid = testkit.PID()
	s, err := open.Load()
	must(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// libbpfgo replaces libbpf's print callback with each module that it makes.
func TestLogsAfterLibbpfgoTookTheCallback(t *testing.T) {
	s := loadBasic(t)
	var theirs strings.Builder
	var mu sync.Mutex
	libbpfgo.SetLoggerCbs(libbpfgo.Callbacks{Log: func(level int, msg string) {
		mu.Lock()
		defer mu.Unlock()
		theirs.WriteString(msg)
	}})
	m, err := libbpfgo.NewModuleFromBufferArgs(libbpfgo.NewModuleArgs{
		BPFObjBuff: elfOf(t, s), BPFObjName: "theirs", SkipMemlockBump: true,
	})
	must(t, err)
	defer m.Close()

	var ours bytes.Buffer
	skel.SetLogger(slog.New(slog.NewTextHandler(&ours, nil)))
	defer skel.SetLogger(nil)
	open, err := refused.Open()
	must(t, err)
	defer open.Close()
	_, err = open.Load()
	var v *skel.VerifierError
	if !errors.As(err, &v) || !strings.Contains(v.Log, "processed ") {
		t.Errorf("the error lacks libbpf's output: %v", err)
	}
	if !strings.Contains(ours.String(), "BPF program load failed") {
		t.Errorf("the logger got %q", ours.String())
	}
	if strings.Contains(theirs.String(), "BPF program load failed") {
		t.Error("libbpfgo's logger got a message of our call")
	}

	// libbpfgo's callback still gets its messages.
	if _, err := m.GetMap("no such map"); err == nil {
		t.Error("a map that does not exist was found")
	}
	must(t, m.BPFLoadObject())
	p, err := m.GetProgram("nowhere")
	must(t, err)
	if _, err := p.AttachKprobe("no_such_function"); err == nil {
		t.Error("attached to a function that does not exist")
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(theirs.String(), "no_such_function") {
		t.Errorf("libbpfgo logged %q for its own call", theirs.String())
	}
}

// elfOf returns an object for libbpfgo to open: the object of the test's own skeleton.
func elfOf(t *testing.T, s *basic.Skel) []byte {
	t.Helper()
	data := s.ELF()
	if _, err := elf.NewFile(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestModuleWorksOnTheSkeletonsObject(t *testing.T) {
	s := loadBasic(t)
	m, release, err := Module(s)
	must(t, err)
	p, err := m.GetProgram("handle_raw")
	must(t, err)
	if p.FileDescriptor() != s.Progs.HandleRaw.FD() {
		t.Errorf("its program has fd %d, ours %d", p.FileDescriptor(), s.Progs.HandleRaw.FD())
	}
	counts, err := m.GetMap("counts")
	must(t, err)
	if counts.FileDescriptor() != s.Maps.Counts.FD() || counts.MaxEntries() != 1024 {
		t.Errorf("its map has fd %d, ours %d", counts.FileDescriptor(), s.Maps.Counts.FD())
	}
	_, err = p.AttachRawTracepoint("sys_enter")
	must(t, err)
	if before := s.Bss.Hits; before == hitsAfterSystemCalls(s) {
		t.Error("a program attached by libbpfgo does not run")
	}
	release()
	release()
	if before := s.Bss.Hits; before != hitsAfterSystemCalls(s) {
		t.Error("a link made by libbpfgo outlived release")
	}
	m.Close() // wrong, but harmless now
	must(t, s.Attach())
	if before := s.Bss.Hits; before == hitsAfterSystemCalls(s) {
		t.Error("the skeleton does not work after release")
	}
}

func hitsAfterSystemCalls(s *basic.Skel) uint64 {
	for range 10 {
		unix.Getpgid(0)
	}
	return s.Bss.Hits
}

func TestCloseReleasesTheModule(t *testing.T) {
	s := loadBasic(t)
	m, release, err := Module(s)
	must(t, err)
	p, err := m.GetProgram("handle_exit")
	must(t, err)
	_, err = p.AttachRawTracepoint("sys_exit")
	must(t, err)
	must(t, s.Close())
	release()
	if _, _, err := Module(s); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestAnUnknownLayoutIsAnError(t *testing.T) {
	must(t, checkLayout())
	link := reflect.TypeFor[libbpfgo.BPFLink]()
	var fields []reflect.StructField
	for _, k := range moduleFields {
		fields = append(fields, reflect.StructField{Name: strings.ToUpper(k.name), Type: reflect.TypeFor[uintptr]()})
	}
	for name, err := range map[string]error{
		"fewer fields":  compareLayout(reflect.TypeFor[struct{ obj uintptr }](), link),
		"other types":   compareLayout(reflect.StructOf(fields), link),
		"another link":  compareLayout(reflect.TypeFor[libbpfgo.Module](), reflect.TypeFor[struct{ l uintptr }]()),
		"another field": compareLayout(link, link),
	} {
		if !errors.Is(err, ErrLayout) {
			t.Errorf("%s returned %v", name, err)
		}
	}
}
