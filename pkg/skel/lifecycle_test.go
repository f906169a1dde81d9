package skel_test

import (
	"errors"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bpfskel/bpfskel/internal/test/skels/basic"
	"github.com/bpfskel/bpfskel/internal/test/skels/refused"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

func TestCloseAfterLoadLeavesTheSkeletonAlone(t *testing.T) {
	open := openBasic(t)
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	must(t, open.Close())
	must(t, open.Close())
	must(t, s.Attach())
	if !hitsIncrease(s) {
		t.Error("the skeleton does not count after Close of the OpenSkel")
	}
}

func TestCloseWithoutLoadFreesTheObject(t *testing.T) {
	needRoot(t)
	before := heldResources(t)
	open, err := basic.Open()
	must(t, err)
	must(t, open.Close())
	must(t, open.Close())
	if open.Data != nil || open.Rodata != nil || open.BssBig != nil {
		t.Error("section pointers are not nil after Close")
	}
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

func TestLoadTwice(t *testing.T) {
	open := openBasic(t)
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	if _, err := open.Load(); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("the second Load returned %v", err)
	}
}

func TestAFailedLoadConsumesTheOpenSkel(t *testing.T) {
	needRoot(t)
	before := heldResources(t)
	open, err := refused.Open()
	must(t, err)
	defer open.Close()
	if _, err := open.Load(); err == nil {
		t.Fatal("the verifier accepted a wild pointer")
	}
	if open.Bss != nil {
		t.Error("the section pointer is not nil")
	}
	if _, err := open.Load(); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("the second Load returned %v", err)
	}
	if err := open.Maps.Bss.SetInitialValue(nil); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("a setter returned %v", err)
	}
	must(t, open.Close())
	if after := heldResources(t); after != before {
		t.Errorf("the process holds %+v, before %+v", after, before)
	}
}

func TestNilSkeletonsCanBeClosed(t *testing.T) {
	var open *basic.OpenSkel
	var s *basic.Skel
	must(t, open.Close())
	must(t, s.Close())
}

func TestUseAfterClose(t *testing.T) {
	s := loadBasic(t)
	must(t, s.Attach())
	link := attachAgain(t, s)
	must(t, s.Close())
	must(t, s.Close())

	var key basic.Key
	var value uint64
	it := s.Maps.Counts.Iter()
	for range it.All() {
		t.Error("an iteration yields something")
	}
	for name, err := range map[string]error{
		"Attach":          s.Attach(),
		"Detach":          s.Detach(),
		"Lookup":          second(s.Maps.Counts.Lookup(&key)),
		"Update":          s.Maps.Counts.Update(&key, &value),
		"Delete":          s.Maps.Counts.Delete(&key),
		"Len":             second(s.Maps.Counts.Len()),
		"Len of an array": second(s.Maps.Slots.Len()),
		"RawMap.Lookup":   second(s.Maps.Bss.Lookup(make([]byte, 4))),
		"Iter":            it.Err(),
		"Program.Attach":  second(s.Progs.HandleRaw.Attach()),
		"Link.Adopt":      s.Links.HandleRaw.Adopt(link),
		"LookupBatch":     second(s.Maps.Counts.LookupBatch(new(skel.BatchPos), make([]basic.Key, 1), make([]uint64, 1))),
		"Info":            second(s.Maps.Counts.Info()),
		"Pin":             s.Maps.Counts.Pin("/sys/fs/bpf/never"),
		"array batch":     second(s.Maps.Slots.DeleteBatch(make([]uint32, 1))),
	} {
		if !errors.Is(err, skel.ErrClosed) {
			t.Errorf("%s returned %v", name, err)
		}
	}
	must(t, link.Close())
	must(t, s.Links.HandleRaw.Close())
	if s.Links.HandleRaw.Attached() || link.Attached() || link.FD() != -1 || s.Maps.Counts.FD() != -1 || s.Progs.Run.FD() != -1 {
		t.Error("Close did not free everything")
	}
	if s.Data != nil || s.Bss != nil {
		t.Error("section pointers are not nil")
	}
	if level := s.Rodata.Config().Level(); level != 0 {
		t.Errorf("a view of a closed skeleton reads %d, not zeros", level)
	}
}

func second[T any](_ T, err error) error { return err }

func TestCloseBesideEverything(t *testing.T) {
	for range 10 {
		s := loadBasic(t)
		must(t, s.Attach())
		var wg sync.WaitGroup
		start := make(chan struct{})
		work := func(f func() error) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				<-start
				for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
					if err := f(); errors.Is(err, skel.ErrClosed) {
						return
					} else if err != nil && !errors.Is(err, skel.ErrNotExist) && !errors.Is(err, skel.ErrIterAborted) {
						t.Error(err)
						return
					}
				}
				t.Error("Close was never seen")
			}()
		}
		for i := range 8 {
			key := basic.Key{Id: uint32(i)}
			work(func() error { return s.Maps.Counts.Update(&key, new(uint64)) })
			work(func() error { _, err := s.Maps.Counts.Lookup(&key); return err })
			work(func() error { return s.Maps.Counts.Delete(&key) })
		}
		work(func() error {
			it := s.Maps.Counts.Iter()
			for range it.All() {
			}
			return it.Err()
		})
		work(func() error { return errors.Join(s.Links.HandleRaw.Close(), s.Attach()) })
		work(func() error {
			_, err := s.Progs.HandleExit.Attach()
			if errors.Is(err, syscall.EEXIST) { // attachAgain says why
				return nil
			}
			return err
		})
		work(s.Detach)
		close(start)
		time.Sleep(2 * time.Millisecond)
		closed := make(chan error)
		for range 3 {
			go func() { closed <- s.Close() }()
		}
		for range 3 {
			must(t, <-closed)
		}
		wg.Wait()
	}
}

func TestCloseInsideAnIteration(t *testing.T) {
	s := loadBasic(t)
	for i := range 10 {
		must(t, s.Maps.Counts.Update(&basic.Key{Id: uint32(i)}, new(uint64)))
	}
	it, n := s.Maps.Counts.Iter(), 0
	for range it.All() {
		n++
		must(t, s.Close())
	}
	if n != 1 || !errors.Is(it.Err(), skel.ErrClosed) {
		t.Errorf("the iteration yielded %d elements and ended with %v", n, it.Err())
	}
}

func TestLinks(t *testing.T) {
	t.Run("closing one leaves the others attached", func(t *testing.T) {
		s := loadBasic(t)
		must(t, s.Attach())
		must(t, s.Links.HandleRaw.Close())
		must(t, s.Links.HandleRaw.Close())
		if s.Links.HandleRaw.Attached() || !s.Links.HandleExit.Attached() {
			t.Error("the wrong link was closed")
		}
		if s.Bss.LastStep = 0; !hitsIncrease(s) || s.Bss.LastStep != 0 {
			t.Error("the wrong program still runs")
		}
	})
	t.Run("Attach attaches again what was closed", func(t *testing.T) {
		s := loadBasic(t)
		must(t, s.Attach())
		must(t, s.Links.HandleRaw.Close())
		fd := s.Links.HandleExit.FD()
		must(t, s.Attach())
		if !s.Links.HandleRaw.Attached() || s.Links.HandleExit.FD() != fd {
			t.Error("the second Attach did not attach exactly the detached program")
		}
	})
	t.Run("Detach closes all, Attach may follow", func(t *testing.T) {
		s := loadBasic(t)
		before := heldResources(t)
		must(t, s.Attach())
		byHand := attachAgain(t, s)
		must(t, s.Detach())
		if heldResources(t) != before || byHand.Attached() || hitsIncrease(s) {
			t.Error("something is attached after Detach")
		}
		must(t, s.Attach())
		if !hitsIncrease(s) {
			t.Error("the programs count nothing after Attach")
		}
	})
	t.Run("one made by hand, then the skeleton's", func(t *testing.T) {
		s := loadBasic(t)
		before := heldResources(t)
		byHand := attachAgain(t, s)
		if s.Links.HandleRaw.Attached() || byHand.FD() < 0 {
			t.Error("Detach closed a link that Attach did not make")
		}
		must(t, byHand.Close())
		must(t, byHand.Close())
		must(t, s.Attach())
		must(t, s.Detach())
		if heldResources(t) != before {
			t.Error("a link is still attached")
		}
	})
	t.Run("one made by hand dies with the skeleton", func(t *testing.T) {
		needRoot(t)
		before := heldResources(t)
		s, err := basic.OpenAndLoad()
		must(t, err)
		byHand := attachAgain(t, s)
		must(t, s.Close())
		if heldResources(t) != before || byHand.Attached() {
			t.Error("a link outlived its skeleton")
		}
		must(t, byHand.Close())
	})
	t.Run("an adopted link is attached", func(t *testing.T) {
		s := loadBasic(t)
		byHand := attachAgain(t, s)
		fd := byHand.FD()
		must(t, s.Links.HandleRaw.Adopt(byHand))
		if byHand.Attached() || s.Links.HandleRaw.FD() != fd {
			t.Error("the field of Links did not adopt the link")
		}
		must(t, s.Attach())
		if s.Links.HandleRaw.FD() != fd {
			t.Error("Attach did not leave the adopted link alone")
		}
		must(t, byHand.Close())
		if !s.Links.HandleRaw.Attached() {
			t.Error("closing the old handle closed the adopted link")
		}
	})
	t.Run("adopting into an attached link, from a closed link, from another skeleton", func(t *testing.T) {
		s, other := loadBasic(t), loadBasic(t)
		must(t, s.Attach())
		byHand := attachAgain(t, s)
		if err := s.Links.HandleRaw.Adopt(byHand); !errors.Is(err, syscall.EEXIST) || !byHand.Attached() {
			t.Errorf("an attached link: error %v", err)
		}
		if err := other.Links.HandleRaw.Adopt(byHand); !errors.Is(err, syscall.EINVAL) || !byHand.Attached() {
			t.Errorf("a link of another skeleton: error %v", err)
		}
		must(t, byHand.Close())
		must(t, s.Links.HandleRaw.Close())
		if err := s.Links.HandleRaw.Adopt(byHand); !errors.Is(err, skel.ErrClosed) {
			t.Errorf("an empty handle: error %v", err)
		}
	})
	t.Run("a link that is not attached returns ErrNotAttached", func(t *testing.T) {
		s := loadBasic(t)
		if s.Links.HandleRaw.FD() != -1 {
			t.Error("it has an fd")
		}
		must(t, s.Links.HandleRaw.Close())
	})
}

func TestAttachSkipsProgramsWithoutATarget(t *testing.T) {
	s := loadBasic(t)
	must(t, s.Attach())
	if _, err := s.Progs.Nowhere.Attach(); !errors.Is(err, syscall.EOPNOTSUPP) {
		t.Errorf("attaching it by hand returned %v", err)
	}
	if _, err := s.Progs.NotLoaded.Attach(); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("attaching a program that is not loaded returned %v", err)
	}
}

func TestAutoloadAndAutoattach(t *testing.T) {
	open := openBasic(t)
	must(t, open.Progs.NotLoaded.SetAutoload(true))
	must(t, open.Progs.HandleRaw.SetAutoload(false))
	must(t, open.Progs.HandleExit.SetAutoattach(false))
	s, err := open.Load()
	must(t, err)
	defer s.Close()
	must(t, s.Attach())
	if s.Progs.HandleRaw.FD() != -1 || s.Links.HandleRaw.Attached() {
		t.Error("a program without autoload was loaded")
	}
	if s.Progs.HandleExit.FD() < 0 || s.Links.HandleExit.Attached() {
		t.Error("a program without autoattach was attached, or not loaded")
	}
	if !s.Links.NotLoaded.Attached() {
		t.Error("a program that was given autoload is not attached")
	}
	if err := open.Progs.HandleRaw.SetAutoload(true); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("a setter after Load returned %v", err)
	}
}
