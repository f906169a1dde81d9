package skel_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/pinned"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() {
	children["remap"] = remapOnce
	children["remap-full"] = remapWithoutRoom
}

// mapAt maps a page at addr, which must be free.
func mapAt(addr uintptr) error {
	got, _, errno := unix.Syscall6(unix.SYS_MMAP, addr, uintptr(os.Getpagesize()), unix.PROT_READ|unix.PROT_WRITE,
		unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_FIXED_NOREPLACE, ^uintptr(0), 0)
	if errno != 0 {
		return errno
	}
	if got != addr {
		return fmt.Errorf("mapped at %#x", got)
	}
	return nil
}

func unmapAt(addr uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MUNMAP, addr, uintptr(os.Getpagesize()), 0)
}

// mappedAt returns the line of /proc/self/maps for an address, "" if nothing is mapped.
func mappedAt(addr uintptr) (string, error) {
	maps, err := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		var from, to uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x", &from, &to); n == 2 && from <= addr && addr < to {
			return line, err
		}
	}
	return "", err
}

// likeData makes a map like the section .data of pinned.
func likeData(freeze bool) (*skel.MapHandle, error) {
	open, err := pinned.Open()
	if err != nil {
		return nil, err
	}
	if err := open.Maps.Kept.SetPinPath(""); err != nil {
		return nil, err
	}
	s, err := open.Load()
	if err != nil {
		return nil, err
	}
	own, err := skel.MapFromFD(s.Maps.Data.FD())
	if err := errors.Join(err, s.Close()); err != nil || !freeze {
		return own, err
	}
	return own, own.Freeze() // EBUSY while it is mapped
}

// openReused opens pinned with another map for its .data.
func openReused(freeze bool) (*pinned.OpenSkel, error) {
	own, err := likeData(freeze)
	if err != nil {
		return nil, err
	}
	defer own.Close()
	open, err := pinned.Open()
	if err != nil {
		return nil, err
	}
	return open, errors.Join(open.Maps.Kept.SetPinPath(""), open.Maps.Data.ReuseFD(own.FD()))
}

// checkHeld wants s.Data not to be mapped, and its range not to be free before Close.
func checkHeld(s *pinned.Skel, addr uintptr) error {
	if s.Data != nil {
		return errors.New("the section is mapped")
	}
	if err := mapAt(addr); !errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("mapping into the section's range: error %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	line, err := mappedAt(addr)
	if line != "" {
		return fmt.Errorf("after Close: %s", line)
	}
	return err
}

func TestAFrozenMapLeavesNoHole(t *testing.T) {
	needRoot(t)
	open, err := openReused(true)
	must(t, err)
	addr := uintptr(unsafe.Pointer(open.Data))
	s, err := open.Load()
	must(t, err)
	must(t, checkHeld(s, addr))
}

// remapOnce makes the remap of a section fail.
func remapOnce() error {
	open, err := openReused(false)
	if err != nil {
		return err
	}
	addr := uintptr(unsafe.Pointer(open.Data))
	s, err := open.Load()
	if err != nil {
		return err
	}
	return checkHeld(s, addr)
}

func TestAFailedMoveLeavesNoHole(t *testing.T) {
	needRoot(t)
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is needed to make system calls fail")
	}
	file := filepath.Join(t.TempDir(), "trace")
	out, err := child(t, "remap", "strace", "-f", "-qq", "-o", file, "-e", "trace=mremap", "-e", "inject=mremap:error=ENOMEM")
	trace, _ := os.ReadFile(file)
	if err != nil || !bytes.Contains(trace, []byte("INJECTED")) {
		t.Errorf("%v: %s\n%s", err, out, trace)
	}
}

// remapWithoutRoom remaps a section when the process has reached its limit of mappings.
func remapWithoutRoom() error {
	open, err := openReused(false)
	if err != nil {
		return err
	}
	addr := uintptr(unsafe.Pointer(open.Data))
	debug.SetGCPercent(-1)
	var wg sync.WaitGroup
	for range 16 { // threads that will exist later
		wg.Add(1)
		go func() {
			defer wg.Done()
			runtime.LockOSThread()
			_ = unix.Nanosleep(&unix.Timespec{Nsec: 50e6}, nil)
			runtime.UnlockOSThread()
		}()
	}
	wg.Wait()
	free, err := exhaustMappings()
	if err != nil {
		return err
	}
	free(3)
	s, err := open.Load()
	free(1 << 20)
	if err != nil {
		return err
	}
	return checkHeld(s, addr)
}

// exhaustMappings makes mappings until the kernel refuses; free takes n of them back.
func exhaustMappings() (free func(n int), err error) {
	page := uintptr(os.Getpagesize())
	const most = 1 << 18
	base, _, errno := unix.Syscall6(unix.SYS_MMAP, 0, most*page, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_NORESERVE, ^uintptr(0), 0)
	if errno != 0 {
		return nil, errno
	}
	n := uintptr(0)
	protect := func(i uintptr, prot uintptr) syscall.Errno {
		_, _, errno := unix.Syscall(unix.SYS_MPROTECT, base+i*page, page, prot)
		return errno
	}
	for ; n < most/2; n++ {
		if errno := protect(2*n, unix.PROT_READ); errno != 0 {
			// Each of those made two mappings of one; this may make one more.
			if protect(most-1, unix.PROT_READ) != 0 && errno != syscall.ENOMEM {
				return nil, errno
			}
			return func(k int) {
				for ; k > 0 && n > 0; k-- {
					n--
					_ = protect(2*n, unix.PROT_NONE)
				}
			}, nil
		}
	}
	return nil, errors.New("the kernel does not limit mappings")
}

func TestNoRoomForAMappingLeavesNoHole(t *testing.T) {
	needRoot(t)
	if out, err := child(t, "remap-full"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// A load that fails while libbpf maps a section leaves a hole in the address space. A
// mapping that another thread makes there must stay.
func TestAFailedLoadUnmapsNothingOfOthers(t *testing.T) {
	needRoot(t)
	const mmapable = 1 << 10
	taken := 0
	for range 200 {
		open, err := pinned.Open()
		must(t, err)
		must(t, open.Maps.Kept.SetPinPath(""))
		addr := uintptr(unsafe.Pointer(open.Rodata))
		// It is frozen, and then mapped for writing: the kernel refuses that.
		must(t, open.Maps.Rodata.SetFlags(mmapable))
		var wg sync.WaitGroup
		var stop, got atomic.Bool
		wg.Add(1)
		go func() {
			defer wg.Done()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for !stop.Load() && !got.Load() {
				got.Store(mapAt(addr) == nil)
			}
		}()
		runtime.Gosched()
		_, err = open.Load()
		stop.Store(true)
		wg.Wait()
		if !errors.Is(err, syscall.EPERM) {
			t.Fatalf("Load returned %v", err)
		}
		if !got.Load() {
			continue
		}
		taken++
		line, err := mappedAt(addr)
		must(t, err)
		if line == "" {
			t.Fatal("the mapping of another thread was replaced")
		}
		unmapAt(addr)
	}
	t.Logf("another thread was faster %d times", taken)
}
