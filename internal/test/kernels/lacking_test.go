package kernels

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/kernels/core"
	"github.com/bpfskel/bpfskel/internal/test/kernels/nommap"
	"github.com/bpfskel/bpfskel/internal/test/kernels/plain"
	"github.com/bpfskel/bpfskel/internal/test/kernels/progs"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// TestGuestWithoutMmapableArrays makes the running kernel refuse them, like kernels
// before 5.5: data still initialize the maps, the writable sections are nil, and the
// program continues.
func TestGuestWithoutMmapableArrays(t *testing.T) {
	testkit.NeedLibbpf(t, "its fallback for kernels before 5.5")
	needRoot(t)
	s, err := nommap.OpenAndLoad()
	if err != nil && !testkit.InGuest {
		t.Skip("lsm: not permitted by this kernel: " + err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		t.Fatal(err)
	}
	if out, err := child(t, "without mmap", nil); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	record("data without mmap-able arrays", "yes")
}

func withoutMmap() error {
	open, err := plain.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	open.Rodata.Step, open.Data.Total = 3, 100
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	if s.Data != nil || s.Bss != nil {
		return errors.New("sections that cannot be mapped are not nil")
	}
	if s.Rodata.Step() != 3 {
		return fmt.Errorf("the view of .rodata has step %d, not 3", s.Rodata.Step())
	}
	if err := s.Attach(); err != nil {
		return err
	}
	unix.Getppid()
	data, err := s.Maps.Data.Lookup([]byte{0, 0, 0, 0})
	if err != nil {
		return err
	}
	if total := binary.NativeEndian.Uint64(data); total < 103 || total%3 != 1 {
		return fmt.Errorf("total is %d: not counted from 100 in steps of 3", total)
	}
	pid := uint32(testkit.PID())
	if step, err := s.Maps.Seen.Lookup(&pid); err != nil || step != 3 {
		return fmt.Errorf("the map has %d for this process: %w", step, err)
	}
	return s.Close()
}

// loadCore loads the object that needs the kernel's types, and compares the value that
// it read with a helper's result.
func loadCore(opts ...skel.OpenOption) error {
	s, err := core.OpenAndLoad(opts...)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	makeSystemCallsUntil(func() bool { return s.Bss.HelperTgid != 0 })
	if pid := uint32(testkit.PID()); s.Bss.HelperTgid == 0 || s.Bss.Tgid != s.Bss.HelperTgid {
		return fmt.Errorf("the program read process %d, the helper says %d; this is %d", s.Bss.Tgid, s.Bss.HelperTgid, pid)
	}
	return nil
}

// TestTypesOfTheKernel loads with the kernel's types, with hidden ones, and with its
// own.
func TestTypesOfTheKernel(t *testing.T) {
	testkit.NeedLibbpf(t, "BTF from a file")
	needRoot(t)
	const types = "/sys/kernel/btf"
	copied := filepath.Join(t.TempDir(), "btf")
	btf, err := os.ReadFile(filepath.Join(types, "vmlinux"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, btf, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := loadCore(); err != nil {
		t.Fatal("with the kernel's own: ", err)
	}
	onThreadWithOwnMounts(t, func() {
		must(t, unix.Mount("none", types, "tmpfs", 0, ""))
		if err := loadCore(); err == nil {
			t.Error("loaded without the types that it needs")
		} else {
			wantCause(t, err)
		}
		if err := loadPlain(); err != nil {
			t.Error("a program that needs no types: ", err)
		}
		if err := loadCore(skel.WithKernelBTF(copied)); err != nil {
			t.Error("with a copy of them: ", err)
		}
		if err := loadCore(skel.WithKernelBTF("/nowhere")); err == nil {
			t.Error("loaded with types from a file that does not exist")
		} else {
			wantCause(t, err)
		}
	})
	if !t.Failed() {
		record("kernel without BTF, its types from a file", "yes")
	}
}

func TestReadOnlyFileSystemForPins(t *testing.T) {
	needRoot(t)
	s, err := plain.OpenAndLoad()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	dir := t.TempDir()
	onThreadWithOwnMounts(t, func() {
		must(t, unix.Mount("bpf", dir, "bpf", unix.MS_RDONLY, ""))
		if err := s.Maps.Seen.Pin(filepath.Join(dir, "seen")); !errors.Is(err, unix.EROFS) {
			t.Errorf("pinning returned %v, want EROFS", err)
		}
		must(t, unix.Mount("bpf", dir, "bpf", unix.MS_REMOUNT, ""))
		if err := s.Maps.Seen.Pin(filepath.Join(dir, "seen")); err != nil {
			t.Errorf("pinning after a remount: %v", err)
		}
		must(t, unix.Unmount(dir, unix.MNT_DETACH))
	})
}

// TestGuestNoMemory asks for a map that is larger than the guest.
func TestGuestNoMemory(t *testing.T) {
	if !testkit.InGuest {
		t.Skip("needs a guest of make test-vm, whose memory is small")
	}
	open, err := plain.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	must(t, open.Maps.Seen.SetMaxEntries(1<<25))
	s, err := open.Load()
	if err == nil {
		s.Close()
		t.Fatal("a map of 2 GiB was made")
	}
	if !errors.Is(err, unix.ENOMEM) && !errors.Is(err, unix.E2BIG) { // E2BIG from older ones
		t.Errorf("got %v, want ENOMEM", err)
	}
	wantCause(t, err)
	if err := loadPlain(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	record("no memory for a map is an error", "yes")
}

// TestAllProgramsTogether loads all programs at once, which fails on every kernel: some
// names exist only in some kernels.
func TestAllProgramsTogether(t *testing.T) {
	needRoot(t)
	open, err := progs.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	for _, p := range programTypes {
		must(t, p.open(open).SetAutoload(true))
	}
	s, err := open.Load()
	if err == nil {
		err = s.Attach()
		s.Close()
	}
	if err != nil {
		wantErrno(t, err)
	} else if !testkit.KernelHas(t, 7, 0) {
		t.Error("all of them work, but this kernel is too old for some")
	}
}

// onThreadWithOwnMounts runs f in a thread with its own mount namespace. The thread
// ends with it.
func onThreadWithOwnMounts(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
			t.Error(err)
			return
		}
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
			t.Error(err)
			return
		}
		f()
	}()
	<-done
}
