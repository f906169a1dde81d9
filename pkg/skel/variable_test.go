package skel_test

import (
	"sync"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestLoadAndStore(t *testing.T) {
	var v struct {
		a, b, c, d uint8
		e          int16
		f          bool
		g          uint8
		h          int32
		i          int64
	}
	skel.Store(&v.a, 1)
	skel.Store(&v.b, 2)
	skel.Store(&v.c, 3)
	skel.Store(&v.d, 4)
	skel.Store(&v.e, -5)
	skel.Store(&v.f, true)
	skel.Store(&v.g, 6)
	skel.Store(&v.h, -7)
	skel.Store(&v.i, -1<<40)
	if v.a != 1 || v.b != 2 || v.c != 3 || v.d != 4 || v.e != -5 || !v.f || v.g != 6 || v.h != -7 || v.i != -1<<40 {
		t.Errorf("stored %+v", v)
	}
	if skel.Load(&v.a) != 1 || skel.Load(&v.d) != 4 || skel.Load(&v.e) != -5 || !skel.Load(&v.f) ||
		skel.Load(&v.h) != -7 || skel.Load(&v.i) != -1<<40 {
		t.Errorf("loaded something else from %+v", v)
	}
}

func TestStoreKeepsItsNeighbours(t *testing.T) {
	var word [4]uint8
	var wg sync.WaitGroup
	for i := range word {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := range 10000 {
				skel.Store(&word[i], uint8(n))
				if got := skel.Load(&word[i]); got != uint8(n) {
					t.Errorf("byte %d is %d, stored was %d", i, got, uint8(n))
					return
				}
			}
		}()
	}
	wg.Wait()
}
