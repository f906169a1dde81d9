package main

import (
	"fmt"
	"os"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/examples/execsnoop/execsnoop"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// copyFD is a copy of a file descriptor for cilium/ebpf, which closes the descriptors it
// is given. The skeleton closes its own.
func copyFD(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
}

// A skeleton's maps and programs used by cilium/ebpf, and a map of cilium/ebpf used by us.
func Example_fileDescriptors() {
	s, err := execsnoop.OpenAndLoad()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	fd, err := copyFD(s.Maps.Started.FD())
	if err != nil {
		fmt.Println(err)
		return
	}
	started, err := ebpf.NewMapFromFD(fd) // started owns fd now
	if err != nil {
		fmt.Println(err)
		return
	}
	defer started.Close()
	if err := started.Put(uint32(1), uint64(2)); err != nil {
		fmt.Println(err)
		return
	}
	pid := uint32(1)
	time, err := s.Maps.Started.Lookup(&pid)
	fmt.Println(started.Type(), time, err)
	// Output: Hash 2 <nil>
}

func TestMain(m *testing.M) {
	if os.Geteuid() != 0 {
		fmt.Println("skipped: loading BPF programs needs root")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestProgramInCilium(t *testing.T) {
	s, err := execsnoop.OpenAndLoad()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fd, err := copyFD(s.Progs.HandleExec.FD())
	if err != nil {
		t.Fatal(err)
	}
	p, err := ebpf.NewProgramFromFD(fd)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Type() != ebpf.TracePoint {
		t.Errorf("the program is a %v", p.Type())
	}
}

func TestCiliumsMapsInOurs(t *testing.T) {
	ring, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: 4096})
	if err != nil {
		t.Fatal(err)
	}
	defer ring.Close()
	r, err := ringbuf.NewReader(ring) // a *ebpf.Map has the method that it needs
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	hash, err := ebpf.NewMap(&ebpf.MapSpec{Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer hash.Close()
	own, err := skel.MapFromFD(hash.FD())
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	typed := skel.TypedMap[uint32, uint64](own)
	key, value := uint32(1), uint64(7)
	if err := typed.Update(&key, &value); err != nil {
		t.Fatal(err)
	}
	var got uint64
	if err := hash.Lookup(key, &got); err != nil || got != 7 {
		t.Fatalf("got %d, %v", got, err)
	}
}
