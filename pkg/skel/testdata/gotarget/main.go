// A program for uprobes: gotarget N calls its functions N times.
package main

import (
	"os"
	"strconv"
)

type server struct{ sum int }

//go:noinline
func (s *server) handle(n int) { s.sum += n }

//go:noinline
func target_one(n int) int { return n + 1 }

//go:noinline
func target_two(n int) int { return n + 2 }

func main() {
	n, s := 0, &server{}
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	for i := range n {
		s.handle(target_one(i) + target_two(i))
	}
	if s.sum < 0 {
		os.Exit(1)
	}
}
