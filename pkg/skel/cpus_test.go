package skel_test

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func init() { children["cpus"] = usePerCPUMapsWithoutSys }

const cpuFolder = "/sys/devices/system/cpu"

// TestWithoutSys is a child: libbpf remembers the number of CPUs for the process.
func TestWithoutSys(t *testing.T) {
	needRoot(t)
	if out, err := child(t, "cpus"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// usePerCPUMapsWithoutSys uses per-CPU maps while /sys does not list the CPUs, and then
// when it lists them again.
func usePerCPUMapsWithoutSys() error {
	open, err := kinds.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	// libbpf makes the perf event array as large as there are CPUs.
	if err := open.Maps.Events.SetMaxEntries(1); err != nil {
		return err
	}
	if err := errors.Join(unix.Unshare(unix.CLONE_NEWNS), unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		unix.Mount("none", cpuFolder, "tmpfs", 0, "")); err != nil {
		return err
	}
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	m := s.Maps.PercpuHash
	key, list := uint32(1), make([]uint64, 64)
	own, err := skel.MapFromFD(m.FD())
	if err != nil {
		return err
	}
	defer own.Close()
	it := m.Iter()
	for range it.All() {
		return errors.New("an iteration yields something")
	}
	var pos skel.BatchPos
	for op, err := range map[string]error{
		"PossibleCPUs":    second(skel.PossibleCPUs()),
		"Lookup":          second(m.Lookup(&key)),
		"LookupInto":      m.LookupInto(&key, list),
		"LookupAndDelete": second(m.LookupAndDelete(&key)),
		"Has":             second(m.Has(&key)),
		"Update":          m.Update(&key, list),
		"Iter":            it.Err(),
		"Len":             second(m.Len()),
		"LookupBatch":     second(m.LookupBatch(&pos, make([]uint32, 4), make([][]uint64, 4))),
		"UpdateBatch":     second(m.UpdateBatch(make([]uint32, 4), make([][]uint64, 4))),
		"RawMap.Lookup":   second(own.Lookup(make([]byte, 4))),
		"RawMap.Update":   own.Update(make([]byte, 4), make([]byte, 8)),
	} {
		if !errors.Is(err, syscall.ENOENT) || errors.Is(err, skel.ErrNotExist) || !strings.Contains(err.Error(), "possible CPUs") || !strings.Contains(err.Error(), "/sys") {
			return fmt.Errorf("%s: error %w", op, err)
		}
	}
	if err := unix.Unmount(cpuFolder, 0); err != nil {
		return err
	}
	n, err := skel.PossibleCPUs()
	if err != nil {
		return err
	}
	if err := m.Update(&key, make([]uint64, n)); err != nil {
		return err
	}
	return second(m.Lookup(&key))
}
