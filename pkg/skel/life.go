package skel

import "sync"

// life guards what may be closed while others use it.
type life struct {
	name string // what errors call it
	// mu is held for reading by every call into the kernel or libbpf, never
	// longer, and for writing by Close.
	mu     sync.RWMutex
	closed bool
	hooks  hooks
}

// enter begins one call: nothing is closed before the matching leave. It must
// not be held while a caller's function runs.
func (l *life) enter() error {
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

func (l *life) leave() { l.mu.RUnlock() }

// check is ErrClosed once it is closed.
func (l *life) check() error {
	if err := l.enter(); err != nil {
		return err
	}
	l.leave()
	return nil
}
