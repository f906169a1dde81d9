//go:build linux && !cgo

package pure

import (
	"bytes"
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// send makes a program send data.
func send(t *testing.T, program string, data []byte) {
	t.Helper()
	memory := skel.TypedMap[uint32, rings.Bss](pinned(t, "rings_bss"))
	zero := uint32(0)
	bss, err := memory.Lookup(&zero)
	must(t, err)
	bss.Size = uint32(len(data))
	copy(bss.Payload[:], data)
	must(t, memory.Update(&zero, &bss))
	if rc := run(t, program); rc != 0 {
		t.Fatalf("the program could not send %d bytes: %d", len(data), rc)
	}
}

func payload(size int) []byte { return bytes.Repeat([]byte{byte(size)}, size) }

func TestRing(t *testing.T) {
	r, err := ringbuf.NewReader(pinned(t, "ring"))
	must(t, err)
	defer r.Close()
	for size := 1; size < 1000; size += 53 { // more than the ring holds at once
		send(t, "run_ring", payload(size))
		n := 0
		for rec, err := range r.Consume() {
			must(t, err)
			if n++; !bytes.Equal(rec.Data, payload(size)) {
				t.Fatalf("a record of %d bytes came as %v", size, rec.Data)
			}
		}
		if n != 1 {
			t.Fatalf("%d records of %d bytes, want 1", n, size)
		}
	}
	// The program wakes a loop that waits.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	got := make(chan uint64, 1)
	go func() {
		defer close(got)
		for event, err := range ringbuf.Events[uint64](ctx, r) {
			if err == nil {
				got <- *event
			}
			return
		}
	}()
	time.Sleep(20 * time.Millisecond) // most likely it waits by now
	send(t, "run_ring", payload(8))
	if event := <-got; event != 0x0808080808080808 {
		t.Errorf("the event is %#x", event)
	}
}

func TestPerfBuffer(t *testing.T) {
	runtime.LockOSThread() // records keep their order on one CPU only
	defer runtime.UnlockOSThread()
	r, err := ringbuf.NewPerfReader(pinned(t, "perf"), 2)
	must(t, err)
	defer r.Close()
	for size := 1; size < 1000; size += 53 {
		send(t, "run_perf", payload(size))
		n := 0
		for rec, err := range r.Consume() {
			must(t, err)
			if n++; rec.Lost != 0 || !bytes.HasPrefix(rec.Data, payload(size)) {
				t.Fatalf("a record of %d bytes came as %v, lost %d", size, rec.Data, rec.Lost)
			}
		}
		if n != 1 {
			t.Fatalf("%d records of %d bytes, want 1", n, size)
		}
	}
}

func TestUserRing(t *testing.T) {
	w, err := ringbuf.NewWriter(pinned(t, "user"))
	must(t, err)
	defer w.Close()
	r, err := ringbuf.NewReader(pinned(t, "ring"))
	must(t, err)
	defer r.Close()
	type message struct{ Number, Bytes uint32 }
	for n := range uint32(1000) { // more than the ring holds at once
		must(t, ringbuf.Send(w, &message{n, 8}))
		if got := run(t, "drain_user"); got != 1 {
			t.Fatalf("the program drained %d records", got)
		}
		seen := 0
		for m, err := range ringbuf.ConsumeEvents[message](r) {
			must(t, err)
			if seen++; *m != (message{n, 8}) {
				t.Fatalf("message %d came as %+v", n, *m)
			}
		}
		if seen != 1 {
			t.Fatalf("message %d came %d times", n, seen)
		}
	}
}
