package skel_test

import (
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/internal/test/skels/macros"
)

// C cannot include the header of an object with these names, but Go can use it.
func TestAnObjectWhoseNamesAreMacros(t *testing.T) {
	s, err := macros.OpenAndLoad()
	must(t, err)
	defer s.Close()
	must(t, s.Attach())
	_ = syscall.Getpid() // the program sees its exit from the kernel
	must(t, s.Detach())
	if n, err := s.Maps.Errno.Lookup(ptr(int32(7))); err != nil || n != 1 || s.Bss.Linux == 0 {
		t.Errorf("map errno has %d, %v, variable linux %d", n, err, s.Bss.Linux)
	}
}
