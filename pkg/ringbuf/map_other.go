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

func newHotplug() *hotplug             { return nil }
func (*hotplug) descriptor() int       { return -1 }
func (*hotplug) cameUp() ([]int, bool) { return nil, false }
func (*hotplug) close()                {}
