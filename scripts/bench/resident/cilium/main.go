// Cilium does what ../skeleton does, with cilium/ebpf.
package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"

	"github.com/bpfskel/bpfskel/scripts/bench/resident/memory"
)

//go:embed core.bpf.o
var object []byte

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(object))
	if err != nil {
		return err
	}
	var loaded struct {
		Parents *ebpf.Map     `ebpf:"parents"`
		Count   *ebpf.Program `ebpf:"count"`
	}
	if err := spec.LoadAndAssign(&loaded, nil); err != nil {
		return err
	}
	defer loaded.Parents.Close()
	defer loaded.Count.Close()
	l, err := link.AttachRawTracepoint(link.RawTracepointOptions{Name: "task_rename", Program: loaded.Count})
	if err != nil {
		return err
	}
	defer l.Close()
	return memory.Print()
}
