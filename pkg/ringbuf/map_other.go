//go:build !linux

package ringbuf

import (
	"syscall"
	"time"
)

// Other systems have no BPF: readers are never made there.

type poller struct{}

func newPoller() (*poller, error) { return nil, syscall.ENOSYS }

func mapRing(int) (ring, uint32, func(), error) { return ring{}, 0, nil, syscall.ENOSYS }

func (*poller) watchRead(int) error           { return syscall.ENOSYS }
func (*poller) watchWrite(int) error          { return syscall.ENOSYS }
func (*poller) wait(func(uintptr) bool) error { return syscall.ENOSYS }
func (*poller) wakeAt(time.Time)              {}
func (*poller) close()                        {}

type hotplug struct{}

func newHotplug() *hotplug                  { return nil }
func (*hotplug) descriptor() int            { return -1 }
func (*hotplug) newlyOnline() ([]int, bool) { return nil, false }
func (*hotplug) close()                     {}

type perfBuffer struct{}

func newPerfBuffer(int, int, uint32, []int) (*perfBuffer, error) { return nil, syscall.ENOSYS }

func (*perfBuffer) add(int) (int, error) { return -1, syscall.ENOSYS }
func (*perfBuffer) ringCount() int       { return 0 }
func (*perfBuffer) cpuOf(int) int        { return -1 }
func (*perfBuffer) fdOf(int) int         { return -1 }
func (*perfBuffer) free()                {}

func (*perfBuffer) readRings(int, int) (perfBatch, int, bool, error) {
	return nil, 0, false, syscall.ENOSYS
}

type userRing struct{}

func newUserRing(int) (*userRing, error)     { return nil, syscall.ENOSYS }
func (*userRing) write([]byte) syscall.Errno { return syscall.ENOSYS }
func (*userRing) unmap()                     {}
