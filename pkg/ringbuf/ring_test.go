//go:build linux

package ringbuf

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// drain returns the numbers of the records that are in the ring now.
func drain(t *testing.T, r *Reader) (got []uint32) {
	t.Helper()
	for rec, err := range r.Consume() {
		must(t, err)
		got = append(got, numberOf(rec.Data))
	}
	return got
}

func expect(t *testing.T, got []uint32, want ...uint32) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got records %v, want %v", got, want)
	}
}

func TestRecordsOfAllSizesAcrossTheRingsEnd(t *testing.T) {
	for name, start := range map[string]uintptr{"from the start": 0, "positions that wrap around": ^uintptr(0) - 8191} {
		t.Run(name, func(t *testing.T) {
			f := newFakeRing(t, 4096, start)
			r := fakeReader(t, f)
			n := uint32(0)
			for size := 4; size < 3000; size += 7 {
				n++
				want := number(n, size)
				for i := 4; i < size; i++ {
					want[i] = byte(i * size)
				}
				f.send(want)
				seen := 0
				for rec, err := range r.Consume() {
					must(t, err)
					if !slices.Equal(rec.Data, want) {
						t.Fatalf("a record of %d bytes came as one of %d or with other bytes", size, len(rec.Data))
					}
					seen++
				}
				if seen != 1 {
					t.Fatalf("%d records of %d bytes, want 1", seen, size)
				}
			}
			if *f.g.consumer != *f.g.producer {
				t.Fatal("the consumer position does not reach the producer's")
			}
		})
	}
}

func TestEmptyRecord(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(nil)
	for rec, err := range r.Consume() {
		must(t, err)
		if rec.Data == nil || len(rec.Data) != 0 {
			t.Fatalf("got %v, want an empty slice", rec.Data)
		}
		return
	}
	t.Fatal("no record")
}

func TestDiscardedRecordsAreSkipped(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	for n := range uint32(10) {
		if !f.trySend(number(n, 16), map[bool]uint32{true: discardBit}[n%3 != 0]) {
			t.Fatal("the ring is full")
		}
	}
	expect(t, drain(t, r), 0, 3, 6, 9)
	f.trySend(number(1, 16), discardBit)
	expect(t, drain(t, r))
	if *f.g.consumer != *f.g.producer {
		t.Fatal("the room of a discarded record was not given back")
	}
}

func TestReservedRecordKeepsLaterOnesBack(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	pos, _ := f.reserve(number(2, 8))
	f.send(number(3, 8))
	expect(t, drain(t, r), 1)
	expect(t, drain(t, r))
	if got := *f.g.consumer; got != pos {
		t.Fatalf("the consumer position is %d, want %d, where the reserved record will wake it", got, pos)
	}
	f.commit(pos, 0, true)
	if f.wakes != 2 {
		t.Fatalf("%d wake-ups, want one for the first record and one for the reserved one", f.wakes)
	}
	expect(t, drain(t, r), 2, 3)
}

func TestRoomIsGivenBackEveryEighth(t *testing.T) {
	const size, record = 4096, 24
	f := newFakeRing(t, size, 0)
	r := fakeReader(t, f)
	for f.trySend(number(0, record-headerSize), 0) {
	}
	read, stores, last := uintptr(0), 0, uintptr(0)
	for _, err := range r.Consume() {
		must(t, err)
		stored := atomic.LoadUintptr(f.g.consumer)
		if stored > read {
			t.Fatal("the record that the loop body is reading may be overwritten")
		}
		if read-stored >= size/8+record {
			t.Fatalf("%d bytes were read and not given back", read-stored)
		}
		if stored != last {
			stores, last = stores+1, stored
		}
		read += record
	}
	if stores < 6 || stores > 8 {
		t.Fatalf("the position was stored %d times during one pass, want about every eighth", stores)
	}
}

func TestSlowLoopBodyDoesNotStarveProducers(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	sent := uint32(0)
	send := func() bool {
		ok := f.trySend(number(sent, 16), 0)
		if ok {
			sent++
		}
		return ok
	}
	for send() {
	}
	first := sent
	got := uint32(0)
	for rec, err := range r.Records(t.Context()) {
		must(t, err)
		if n := numberOf(rec.Data); n != got {
			t.Fatalf("record %d, want %d", n, got)
		}
		if got++; got == first-1 && sent < first*3/2 {
			t.Fatalf("only %d records could be sent while one batch was read", sent-first)
		}
		if got == 2000 {
			break
		}
		send()
	}
}

func TestBreakCountsTheRecordAsRead(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	for n := range uint32(5) {
		f.send(number(n, 8))
	}
	for rec, err := range r.Records(t.Context()) {
		must(t, err)
		if numberOf(rec.Data) == 2 {
			break
		}
	}
	expect(t, drain(t, r), 3, 4)
}

func TestPanicInTheLoopBody(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	f.send(number(2, 8))
	func() {
		defer func() {
			if recover() != "mine" {
				t.Error("the panic did not come through")
			}
		}()
		for range r.Records(t.Context()) {
			panic("mine")
		}
	}()
	expect(t, drain(t, r), 2)
}

func TestConsumeStopsAtTheRecordsPresentAtItsStart(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 8))
	n := uint32(1)
	for _, err := range r.Consume() {
		must(t, err)
		n++
		f.send(number(n, 8))
	}
	if n != 2 {
		t.Fatalf("it read %d records that came meanwhile", n-2)
	}
	expect(t, drain(t, r), 2)
}

func TestCorruptRing(t *testing.T) {
	spoil := map[string]func(f *fakeRing){
		"a record longer than the available bytes":        func(f *fakeRing) { *f.word(0) = 4000 },
		"a record of the greatest length":                 func(f *fakeRing) { *f.word(0) = discardBit - 1 },
		"a producer further ahead than the ring":          func(f *fakeRing) { *f.g.producer = 4096 + 8 },
		"a second record longer than the remaining bytes": func(f *fakeRing) { *f.word(16) = 9 },
	}
	for name, change := range spoil {
		t.Run(name, func(t *testing.T) {
			f := newFakeRing(t, 4096, 0)
			r := fakeReader(t, f)
			f.send(number(1, 8))
			f.send(number(2, 8))
			change(f)
			var last error
			for rec, err := range r.Records(t.Context()) {
				last = err
				if err == nil && len(rec.Data) > 8 {
					t.Fatalf("a record of %d bytes was handed out", len(rec.Data))
				}
			}
			if !errors.Is(last, ErrCorrupt) {
				t.Fatalf("got %v, want ErrCorrupt", last)
			}
		})
	}
}

func TestProducerBehindTheConsumer(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	*f.g.consumer = 16
	expect(t, drain(t, r))
}

type event struct {
	Number uint32
	_      [4]byte
	Rest   [3]uint64
}

func TestShortRecordNamesBothSizes(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	for n, size := range []int{32, 31, 40} {
		f.send(number(uint32(n), size))
	}
	var got []uint32
	var short *ShortRecordError
	for e, err := range ConsumeEvents[event](r) {
		switch {
		case errors.As(err, &short):
			if e != nil {
				t.Error("a short record came with an event")
			}
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, e.Number)
		}
	}
	expect(t, got, 0, 2)
	if short == nil || short.Size != 31 || short.Want != 32 {
		t.Fatalf("got %+v, want sizes 31 and 32", short)
	}
	if text := short.Error(); !strings.Contains(text, "31 bytes") || !strings.Contains(text, "32 bytes") || !strings.Contains(text, "event") {
		t.Fatalf("the error does not name sizes and type: %s", text)
	}
}

func TestTypesWithGoPointersAreRefused(t *testing.T) {
	f := newFakeRing(t, 4096, 0)
	r := fakeReader(t, f)
	f.send(number(1, 64))
	refuse := func(name string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), "Go pointer") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, err := range Events[*int](t.Context(), r) {
		refuse("a pointer", err)
	}
	for _, err := range Events[struct{ Name string }](t.Context(), r) {
		refuse("a string in a struct", err)
	}
	for _, err := range Events[[2]struct{ A [1][]byte }](t.Context(), r) {
		refuse("a slice deep inside", err)
	}
	expect(t, drain(t, r), 1)
}

func TestSeveralRings(t *testing.T) {
	busy, quiet := newFakeRing(t, 4096, 0), newFakeRing(t, 8192, 1<<20)
	r := fakeReader(t, busy, quiet)
	for busy.trySend(number(0, 8), 0) {
	}
	quiet.send(number(7, 8))
	n := 0
	for rec, err := range r.Records(t.Context()) {
		must(t, err)
		if rec.Ring == 1 {
			if numberOf(rec.Data) != 7 {
				t.Fatal("a record of the wrong ring")
			}
			break
		}
		busy.trySend(number(0, 8), 0) // it never becomes empty
		if n++; n > 1000 {
			t.Fatal("a busy ring keeps the other waiting")
		}
	}
	size, unread, err := r.Ring(1)
	must(t, err)
	if size != 8192 || unread != 0 {
		t.Fatalf("the second ring has %d bytes with %d unread, want 8192 and 0", size, unread)
	}
	if _, _, err := r.Ring(2); err == nil {
		t.Fatal("there is no third ring")
	}
}

func TestNothingIsAllocatedForARecord(t *testing.T) {
	f := newFakeRing(t, 1<<16, 0)
	r := fakeReader(t, f)
	record := number(1, 32)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	perLoop := func(records int) float64 {
		return testing.AllocsPerRun(20, func() {
			for range records {
				f.trySend(record, 0)
			}
			left := records
			for e, err := range Events[event](ctx, r) {
				if err != nil || e.Number != 1 {
					t.Fatal(err)
				}
				if left--; left == 0 {
					break
				}
			}
		})
	}
	if few, many := perLoop(1), perLoop(1000); many > few {
		t.Fatalf("a loop of 1 record allocates %v times, one of 1000 %v times", few, many)
	}
}
