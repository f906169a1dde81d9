// Calls, with the Go skeleton.
package main

import (
	"fmt"
	"log"
	"os"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/scripts/bench/fourways/skeleton/calls"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	open, err := calls.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	open.Rodata.OnlyPid = uint32(os.Getpid())
	open.Rodata.OnlyCall = syscall.SYS_GETPGID
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	r, err := ringbuf.NewReader(s.Maps.Events)
	if err != nil {
		return err
	}
	defer r.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	for _, pid := range []int{0, 0, -1, 0, -1, 0, 0} {
		syscall.Getpgid(pid)
	}
	if err := s.Detach(); err != nil {
		return err
	}
	for e, err := range ringbuf.ConsumeEvents[calls.Event](r) {
		if err != nil {
			return err
		}
		fmt.Printf("call %d: error %d\n", e.Number, e.Error)
	}
	fmt.Printf("%d calls, %d failures\n", s.Bss.Calls, s.Bss.Failures)
	results := s.Maps.Results.Iter()
	for code, count := range results.All() {
		fmt.Printf("error %d: %d times\n", code, count)
	}
	return results.Err()
}
