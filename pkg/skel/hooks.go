package skel

import (
	"sync"
)

// hooks are functions that Close calls before it frees anything.
type hooks struct {
	once sync.Once
	mu   sync.Mutex
	done bool
	next uint64
	all  map[uint64]func()
}

// add registers f to be called once by run, or calls it at once if run was called before.
// stop removes f.
func (h *hooks) add(f func()) (stop func()) {
	h.mu.Lock()
	if h.done {
		h.mu.Unlock()
		f()
		return func() {}
	}
	defer h.mu.Unlock()
	if h.all == nil {
		h.all = map[uint64]func(){}
	}
	id := h.next
	h.next++
	h.all[id] = f
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.all, id)
	}
}

// run calls the functions without holding a lock, so that they may wait for goroutines
// that use the skeleton. A second caller waits for the first.
func (h *hooks) run() {
	h.once.Do(func() {
		h.mu.Lock()
		all := h.all
		h.all, h.done = nil, true
		h.mu.Unlock()
		for _, f := range all {
			f()
		}
	})
}

// OnClose registers f to be called once, at the start of Close, while the skeleton still
// works; if Close has begun, it calls f at once. f must not call Close. stop removes f.
// Packages that use a skeleton's maps by themselves need it, such as package ringbuf.
func (o *Object) OnClose(f func()) (stop func()) {
	if o == nil {
		return (*lifetime)(nil).onClose(f)
	}
	return o.onClose(f)
}

func (l *lifetime) onClose(f func()) (stop func()) {
	switch {
	case f == nil:
		return func() {}
	case l == nil:
		f()
		return func() {}
	}
	return l.hooks.add(f)
}

// OnClose is like Object's, for the owner of the map.
func (b *mapBase) OnClose(f func()) (stop func()) { return b.lifetime.onClose(f) }
