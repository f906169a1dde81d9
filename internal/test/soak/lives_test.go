package soak

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/kinds"
	"github.com/bpfskel/bpfskel/internal/test/skels/rings"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/ringbuf"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// lifecycles are the ways in which a skeleton is opened, used and closed.
var lifecycles = []struct {
	name string
	run  func() error
}{
	{"sections and links", sectionsAndLinks},
	{"maps of every kind", mapsOfEveryKind},
	{"ring buffer", ringBuffer},
	{"opened and not loaded", openWithoutLoad},
}

func sectionsAndLinks() error {
	open, err := basic.Open()
	if err != nil {
		return err
	}
	defer open.Close()
	open.Rodata.MyPid = testkit.PID()
	s, err := open.Load()
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Attach(); err != nil {
		return err
	}
	before := skel.Load(&s.Bss.Hits)
	for range 10 {
		unix.Getpgid(0)
	}
	if now := skel.Load(&s.Bss.Hits); now < before+10 {
		return fmt.Errorf("10 system calls counted as %d", now-before)
	}
	if _, err := s.Progs.Run.TestRun(skel.RunOptions{}); err != nil {
		return err
	}
	it := s.Maps.Counts.Iter()
	n := 0
	for range it.All() {
		n++
	}
	if err := it.Err(); err != nil {
		return err
	}
	if n == 0 {
		return fmt.Errorf("map counts has no element")
	}
	if err := s.Detach(); err != nil {
		return err
	}
	return s.Close()
}

func mapsOfEveryKind() error {
	s, err := kinds.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	const elements = 100
	for i := range uint32(elements) {
		k, v := kinds.Key{Id: i}, kinds.Value{Count: uint64(i)}
		if err := s.Maps.Hash.Update(&k, &v); err != nil {
			return err
		}
	}
	if n, err := s.Maps.Hash.Len(); err != nil || n != elements {
		return fmt.Errorf("%d elements, not %d: %w", n, elements, err)
	}
	keys, values := make([]kinds.Key, elements), make([]kinds.Value, elements)
	var pos skel.BatchPos
	for n := 0; !pos.Done(); {
		got, err := s.Maps.Hash.LookupAndDeleteBatch(&pos, keys, values)
		if err != nil {
			return err
		}
		if n += got; n > elements {
			return fmt.Errorf("a batch returned %d elements of %d", n, elements)
		}
	}
	var key uint32
	perCPU, err := s.Maps.PercpuArray.Lookup(&key)
	if err != nil {
		return err
	}
	if err := s.Maps.PercpuArray.Update(&key, perCPU); err != nil {
		return err
	}
	inner, err := s.Maps.OuterArray.Create()
	if err != nil {
		return err
	}
	defer inner.Close()
	if err := s.Maps.OuterArray.Update(&key, inner); err != nil {
		return err
	}
	return s.Close()
}

func ringBuffer() error {
	s, err := rings.OpenAndLoad()
	if err != nil {
		return err
	}
	defer s.Close()
	reader, err := ringbuf.NewReader(s.Maps.Ring)
	if err != nil {
		return err
	}
	defer reader.Close()
	const records, size = 20, 32
	s.Bss.Size = size
	for range records {
		if _, err := s.Progs.RunRing.TestRun(skel.RunOptions{}); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	n := 0
	for record, err := range reader.Records(ctx) {
		if err != nil {
			return err
		}
		if len(record.Data) != size {
			return fmt.Errorf("a record of %d bytes, not %d", len(record.Data), size)
		}
		if n++; n == records {
			break
		}
	}
	return s.Close()
}

func openWithoutLoad() error {
	open, err := basic.Open()
	if err != nil {
		return err
	}
	open.Rodata.MyPid = 1
	return open.Close()
}
