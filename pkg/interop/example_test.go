//go:build linux && cgo

package interop_test

import (
	"fmt"
	"log"

	"github.com/aquasecurity/libbpfgo"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/pkg/interop"
)

// A libbpfgo module of a loaded skeleton.
func ExampleModule() {
	s, err := basic.OpenAndLoad()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	m, release, err := interop.Module(s)
	if err != nil {
		log.Fatal(err)
	}
	defer release()
	counts, err := m.GetMap("counts")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(counts.Name(), counts.MaxEntries())
}

// A skeleton for an object that libbpfgo has opened.
func ExampleOn() {
	m, err := libbpfgo.NewModuleFromFile("basic.bpf.o")
	if err != nil {
		log.Fatal(err)
	}
	defer m.Close()
	s, err := basic.OpenAndLoad(interop.On(m))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close() // before m.Close
	fmt.Println(s.Bss.Hits)
}
