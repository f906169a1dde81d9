//go:build linux && cgo

package ringbuf_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestMain(m *testing.M) { testkit.Main(m, nil) }

// pair is the record that the examples' programs send.
type pair struct{ A, B uint32 }

// send makes a program of s send a record, in place of an event in the kernel.
func send(s *rings.Skel, p *skel.Program, a byte) error {
	s.Bss.Payload = [1024]byte{0: a, 4: a + 1}
	s.Bss.Size = 8
	_, err := p.TestRun(skel.RunOptions{})
	return err
}

func ExampleEvents() {
	s, err := rings.OpenAndLoad()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	r, err := ringbuf.NewReader(s.Maps.Ring)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	for a := range byte(3) {
		if err := send(s, s.Progs.RunRing, a); err != nil {
			fmt.Println(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var last pair
	for e, err := range ringbuf.Events[pair](ctx, r) {
		if err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(e.A, e.B)
		last = *e // a copy to keep; e is in the ring
	}
	fmt.Println("last:", last)
	// Output:
	// 0 1
	// 1 2
	// 2 3
	// context deadline exceeded
	// last: {2 3}
}

func ExamplePerfReader() {
	s, err := rings.OpenAndLoad()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	r, err := ringbuf.NewPerfReader(s.Maps.Perf, 8)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer r.Close()
	if err := send(s, s.Progs.RunPerf, 5); err != nil {
		fmt.Println(err)
	}
	for rec, err := range r.Consume() {
		switch {
		case err != nil:
			fmt.Println(err)
		case rec.Lost > 0:
			fmt.Println("lost:", rec.Lost)
		default:
			fmt.Println(rec.Data[:8])
		}
	}
	fmt.Println("lost in all:", r.Lost())
	// Output:
	// [5 0 0 0 6 0 0 0]
	// lost in all: 0
}

func ExampleSend() {
	s, err := rings.OpenAndLoad()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Close()
	w, err := ringbuf.NewWriter(s.Maps.User)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Close()
	if err := ringbuf.Send(w, &pair{7, 8}); err != nil { // ENOSPC if there is no room
		fmt.Println(err)
	}
	if _, err := s.Progs.DrainUser.TestRun(skel.RunOptions{}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(s.Bss.Drained, "record,", s.Bss.DrainedBytes)
	// Output: 1 record, 8
}
