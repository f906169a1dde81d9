//go:build linux

package testkit

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheKernelsAnswer(t *testing.T) {
	pid, err := pidFromKernel()
	if errors.Is(err, unix.EPERM) {
		t.Skip("loading BPF programs needs root")
	}
	if err != nil {
		t.Fatal(err)
	}
	if pid != PID() {
		t.Errorf("the kernel reports %d, PID returns %d", pid, PID())
	}
	name, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	if name == firstNamespace && pid != int32(os.Getpid()) {
		t.Errorf("the kernel reports %d, getpid %d", pid, os.Getpid())
	}
}
