package skel_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() {
	children["no-bpffs"] = pinWithoutBPFFS
	children["cgroup-v1"] = attachToCgroupV1
	children["no-kernel-btf"] = loadWithoutKernelBTF
	children["no-file-no-tracefs"] = attachToNoFile
}

const (
	noLink  = 999_999 // an interface that nobody has
	bpfRoot = "/sys/fs/bpf"
)

// TestHintsOfAttach provokes the failures that do not require changing the machine.
func TestHintsOfAttach(t *testing.T) {
	s, err := loadAttach(t,
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Tp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.RawTp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Xdp },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Usdt },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Cgroup })
	must(t, err)
	file, err := os.Open(t.TempDir())
	must(t, err)
	defer file.Close()
	p := s.Progs
	for _, c := range []struct {
		name       string
		attach     func() (*skel.Link, error)
		op, target string
		hint       string
		needs      func(*testing.T)
	}{
		{"a program of another type", func() (*skel.Link, error) { return p.Uprobe.AttachXDP(1, nil) },
			"attach xdp", "interface 1", "the program has type kprobe, but this method attaches only type xdp", nil},
		{"a program that was not loaded", func() (*skel.Link, error) { return p.Tcx.AttachTCX(1, nil) },
			"attach tcx", "interface 1", "SetAutoload(true)", nil},
		{"xdp on no interface", func() (*skel.Link, error) { return p.Xdp.AttachXDP(noLink, nil) },
			"attach xdp", fmt.Sprintf("interface %d", noLink), fmt.Sprintf("has no interface %d", noLink), nil},
		{"an unknown tracepoint", func() (*skel.Link, error) { return p.Tp.AttachTracepoint("sched", "no_such", nil) },
			"attach tracepoint", "sched/no_such", "this kernel has no tracepoint sched/no_such: ", needTracefs},
		{"an unknown raw tracepoint", func() (*skel.Link, error) { return p.RawTp.AttachRawTracepoint("no_such", nil) },
			"attach raw tracepoint", "no_such", "this kernel has no raw tracepoint no_such", nil},
		{"an unknown function of the kernel", func() (*skel.Link, error) { return p.Uprobe.AttachKprobe("no_such_function", nil) },
			"attach kprobe", "no_such_function", "this kernel has no function no_such_function", needKprobes},
		{"a file that does not exist", func() (*skel.Link, error) { return p.Uprobe.AttachUprobe("/no/such/file", "main", nil) },
			"attach uprobe", "/no/such/file:main", "/no/such/file cannot be read: no such file", nil},
		{"an offset in a file that does not exist", func() (*skel.Link, error) {
			return p.Uprobe.AttachUprobe("/no/such/file", "", &skel.UprobeOptions{Offset: 16})
		}, "attach uprobe", "/no/such/file:+0x10", "the file /no/such/file does not exist", nil},
		{"a program that is in no folder", func() (*skel.Link, error) { return p.Uprobe.AttachUprobe("no_such_program", "main", nil) },
			"attach uprobe", "no_such_program:main", "no_such_program is not in PATH, LD_LIBRARY_PATH or the standard folders: pass its path", nil},
		{"a function that a file does not have", func() (*skel.Link, error) { return p.Uprobe.AttachUprobe("/proc/self/exe", "bpfskel_absent", nil) },
			"attach uprobe", "/proc/self/exe:bpfskel_absent", "/proc/self/exe has no function bpfskel_absent", nil},
		{"a file without USDT probes", func() (*skel.Link, error) { return p.Usdt.AttachUSDT("/proc/self/exe", "a", "b", nil) },
			"attach usdt", "/proc/self/exe:a:b", "/proc/self/exe has no USDT probes", func(t *testing.T) { needLibbpf(t, "USDT") }},
		{"a folder that is not a cgroup", func() (*skel.Link, error) { return p.Cgroup.AttachCgroup(int(file.Fd()), nil) },
			"attach cgroup", file.Name(), "the fd is not the folder of a cgroup", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.needs != nil {
				c.needs(t)
			}
			_, err := c.attach()
			if err == nil {
				t.Fatal("it was attached")
			}
			checkText(t, err)
			var e *skel.Error
			if !errors.As(err, &e) || e.Op != c.op || e.Target != c.target || !strings.Contains(err.Error(), c.hint) {
				t.Errorf("got %v (%+v)", err, *e)
			}
		})
	}
}

func TestHintAboutAKernelWithoutKprobes(t *testing.T) {
	if hasKprobes() {
		t.Skip("this kernel has kprobes")
	}
	needTracefs(t)
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Kprobe },
		func(p *attach.OpenProgs) *skel.OpenProgram { return p.Ksyscall })
	must(t, err)
	_, err = s.Progs.Kprobe.AttachKprobe("vfs_open", nil)
	if err == nil || !strings.Contains(err.Error(), "without kprobes") {
		t.Errorf("got %v", err)
	}
	_, err = s.Progs.Ksyscall.AttachKsyscall("unlinkat", nil)
	if err == nil || !strings.Contains(err.Error(), "without kprobes") {
		t.Errorf("got %v", err)
	}
}

// wantHint checks a hint in a child.
func wantHint(err error, hint string) error {
	var e *skel.Error
	if !errors.As(err, &e) || !strings.Contains(e.Hint, hint) {
		return fmt.Errorf("no hint with %q: %w", hint, err)
	}
	return nil
}

func TestHintAboutBPFFS(t *testing.T) {
	mountChild(t, "no-bpffs")
	if _, err := os.Stat(bpfRoot); err != nil {
		t.Skip("there is no " + bpfRoot)
	}
	var fs unix.Statfs_t
	if unix.Statfs(bpfRoot, &fs) != nil || uint32(fs.Type) != unix.BPF_FS_MAGIC {
		t.Skip("no BPF file system is mounted")
	}
	s := loadBasic(t)
	path := filepath.Join(t.TempDir(), "pin")
	for name, err := range map[string]error{
		"map":  s.Maps.Counts.Pin(path),
		"prog": s.Progs.HandleRaw.Pin(path),
	} {
		if err := wantHint(err, path+" is not in a BPF file system: choose a path in "+bpfRoot); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func pinWithoutBPFFS() error {
	for unix.Unmount(bpfRoot, unix.MNT_DETACH) == nil {
	}
	const hint = "mount -t bpf bpf " + bpfRoot
	s, err := basic.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	own, err := skel.MapFromFD(s.Maps.Counts.FD())
	if err != nil {
		return err
	}
	defer own.Close()
	const path = bpfRoot + "/bpfskel-test"
	for _, err := range []error{s.Maps.Counts.Pin(path), s.Progs.HandleRaw.Pin(path), own.Pin(path)} {
		if err := wantHint(err, hint); err != nil {
			return err
		}
	}
	open, err := basic.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	if err := open.Maps.Counts.SetPinPath(path); err != nil {
		return err
	}
	_, err = open.Load()
	var e *skel.Error
	if !errors.As(err, &e) || e.Map != "counts" {
		return fmt.Errorf("load: error %w", err)
	}
	return wantHint(err, hint)
}

func TestHintAboutCgroupV1(t *testing.T) { mountChild(t, "cgroup-v1") }

func attachToCgroupV1() error {
	dir, err := os.MkdirTemp("", "cgroup")
	if err != nil {
		return err
	}
	defer os.Remove(dir)
	if err := unix.Mount("none", dir, "cgroup", 0, "none,name=bpfskel-test"); err != nil {
		return nil // a kernel without version 1
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	open, err := attach.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	if err := open.Progs.Cgroup.SetAutoload(true); err != nil {
		return err
	}
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = s.Progs.Cgroup.AttachCgroup(int(f.Fd()), nil)
	return wantHint(err, "a cgroup of version 1")
}

func TestHintAboutKernelBTF(t *testing.T) { mountChild(t, "no-kernel-btf") }

func loadWithoutKernelBTF() error {
	if err := unix.Mount("none", "/sys/kernel/btf", "tmpfs", 0, ""); err != nil {
		return err
	}
	open, err := attach.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	if err := open.Progs.TpBtf.SetAutoload(true); err != nil {
		return err
	}
	_, err = open.Load()
	if testkit.Light { // which lacks that option
		if err == nil || !strings.Contains(err.Error(), "this kernel was built without (CONFIG_DEBUG_INFO_BTF)") {
			return fmt.Errorf("got %w", err)
		}
		return nil
	}
	return wantHint(err, "this kernel was built without BTF (CONFIG_DEBUG_INFO_BTF): for CO-RE, pass a BTF file to WithKernelBTF")
}

// A missing file does not mean that tracefs is missing.
func TestNoHintAboutTracefsForAFile(t *testing.T) { mountChild(t, "no-file-no-tracefs") }

func attachToNoFile() error {
	for _, dir := range []string{"/sys/kernel/debug/tracing", "/sys/kernel/debug", "/sys/kernel/tracing"} {
		_ = unix.Unmount(dir, unix.MNT_DETACH)
	}
	open, err := attach.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	if err := open.Progs.Uprobe.SetAutoload(true); err != nil {
		return err
	}
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Progs.Uprobe.AttachUprobe("/no/such/file", "", &skel.UprobeOptions{Offset: 16})
	return wantHint(err, "the file /no/such/file does not exist")
}

func TestHintAboutAFrozenMap(t *testing.T) {
	s := loadBasic(t)
	must(t, s.Maps.Counts.Freeze())
	// Without capabilities, whose lack would be the other reason. The thread ends with
	// the goroutine.
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var none [2]unix.CapUserData
		if err := unix.Capset(&header, &none[0]); err != nil {
			done <- err
			return
		}
		var key basic.Key
		value := uint64(1)
		done <- s.Maps.Counts.Update(&key, &value)
	}()
	err := <-done
	if !errors.Is(err, syscall.EPERM) {
		t.Fatalf("got %v", err)
	}
	if text := err.Error(); !strings.HasSuffix(text, "; the map is frozen: user space may only read it") {
		t.Errorf("got %s", text)
	}
}

func TestHintAboutAPinnedMapThatDiffers(t *testing.T) {
	needRoot(t)
	path := filepath.Join(pinFolder(t), "counts")
	s := loadBasic(t)
	must(t, s.Maps.Counts.Pin(path))
	was := s.Maps.Counts.MaxEntries()
	open := openBasic(t)
	must(t, open.Maps.Counts.SetPinPath(path))
	must(t, open.Maps.Counts.SetMaxEntries(7))
	_, err := open.Load()
	var e *skel.Error
	if !errors.As(err, &e) || e.Map != "counts" || !errors.Is(err, syscall.EINVAL) {
		t.Fatalf("got %v", err)
	}
	checkText(t, err)
	if want := fmt.Sprintf("the map pinned at %s differs: its max_entries is %d, not 7; remove the pin", path, was); !strings.Contains(e.Hint, want) {
		t.Errorf("the hint is %q", e.Hint)
	}
	open = openBasic(t)
	must(t, open.Maps.Counts.SetPinPath(path))
	must(t, open.Maps.Counts.SetType(9))
	must(t, open.Maps.Counts.SetFlags(2))
	_, err = open.Load()
	if err := wantHint(err, "type is hash, not lru_hash, flags is"); err != nil {
		t.Error(err)
	}
}

func TestAnOpenSkeletonUsedAfterLoad(t *testing.T) {
	open := openBasic(t)
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	_, again := open.Load()
	for _, err := range []error{again, open.Maps.Counts.SetMaxEntries(1), open.Progs.HandleRaw.SetAutoload(false)} {
		if !errors.Is(err, skel.ErrClosed) || !strings.Contains(err.Error(), "Load has consumed the open skeleton") {
			t.Errorf("got %v", err)
		}
	}
	open = openBasic(t)
	must(t, open.Close())
	if err := open.Maps.Counts.SetMaxEntries(1); !errors.Is(err, skel.ErrClosed) || strings.Contains(err.Error(), "Load") {
		t.Errorf("after Close: %v", err)
	}
}

func TestErrorsOfUnsupportedFeatures(t *testing.T) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.Uprobe })
	must(t, err)
	_, err = s.Progs.Uprobe.TestRun(skel.RunOptions{})
	var errno syscall.Errno
	if !errors.Is(err, errors.ErrUnsupported) || !errors.As(err, &errno) || errno != 524 ||
		!strings.Contains(err.Error(), "test run: not supported by this kernel (ENOTSUPP, 524)") {
		t.Errorf("got %v", err)
	}
}
