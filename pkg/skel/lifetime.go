package skel

import "sync"

// lifetime lets Close wait for calls in progress, and makes later calls fail.
type lifetime struct {
	name string // as errors show it
	// mu is held for reading during each call into the kernel or libbpf, and for
	// writing by Close.
	mu     sync.RWMutex
	closed bool
	hooks  closeHooks
}

// beginUse begins one call: Close waits for the matching endUse. A function of the caller
// must not run in between, since it might call Close.
func (l *lifetime) beginUse() error {
	if l == nil {
		return ErrClosed
	}
	l.mu.RLock()
	if l.closed {
		l.mu.RUnlock()
		return ErrClosed
	}
	return nil
}

func (l *lifetime) endUse() { l.mu.RUnlock() }

// check returns ErrClosed after Close.
func (l *lifetime) check() error {
	if err := l.beginUse(); err != nil {
		return err
	}
	l.endUse()
	return nil
}
