// Skeleton loads and attaches the object core, and prints the resident memory of its process in kB. Built with cgo
// it uses libbpf, without cgo the back end light.
package main

import (
	"fmt"
	"os"

	"github.com/bpfskel/bpfskel/scripts/bench/core"
	"github.com/bpfskel/bpfskel/scripts/bench/resident/memory"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	s, err := core.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	return memory.Print()
}
