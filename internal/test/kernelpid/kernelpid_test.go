//go:build linux

package kernelpid

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheKernelsAnswer(t *testing.T) {
	pid, err := ask()
	if errors.Is(err, unix.EPERM) {
		t.Skip("root is needed to load BPF programs")
	}
	if err != nil {
		t.Fatal(err)
	}
	if pid != Get() {
		t.Errorf("the kernel says %d, Get %d", pid, Get())
	}
	name, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		t.Fatal(err)
	}
	if name == firstNamespace && pid != int32(os.Getpid()) {
		t.Errorf("the kernel says %d, getpid %d", pid, os.Getpid())
	}
}
