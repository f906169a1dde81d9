//go:build linux && cgo

package libbpf_test

import (
	"os"
	"testing"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/skel/testdata/three"
)

// Without /proc the size of the kernel's answer says what a descriptor is.
func TestKindByTheSizeOfTheAnswer(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("root is needed to load BPF programs")
	}
	s, err := three.OpenAndLoad()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	link, err := s.Progs.OnEnter.Attach()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for fd, want := range map[int]libbpf.FDKind{
		s.Maps.Hash.FD(): libbpf.MapFD, s.Progs.OnEnter.FD(): libbpf.ProgramFD, link.FD(): libbpf.LinkFD,
		int(file.Fd()): "another file", -1: "another file",
	} {
		if got := libbpf.KindBySize(fd); got != want {
			t.Errorf("fd %d is %s, want %s", fd, got, want)
		}
	}
}
