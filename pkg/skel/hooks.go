package skel

import (
	"sync"
)

// closeHooks are functions that Close calls before it frees anything.
type closeHooks struct {
	once      sync.Once
	mu        sync.Mutex
	ran       bool
	nextID    uint64
	functions map[uint64]func()
}

// add registers f to be called once by run, or calls it at once if run was called before.
// stop removes f.
func (h *closeHooks) add(f func()) (stop func()) {
	h.mu.Lock()
	if h.ran {
		h.mu.Unlock()
		f()
		return func() {}
	}
	defer h.mu.Unlock()
	if h.functions == nil {
		h.functions = map[uint64]func(){}
	}
	id := h.nextID
	h.nextID++
	h.functions[id] = f
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.functions, id)
	}
}

// run calls the functions without holding a lock, so that they may wait for goroutines
// that use the skeleton. A second caller waits for the first.
func (h *closeHooks) run() {
	h.once.Do(func() {
		h.mu.Lock()
		functions := h.functions
		h.functions, h.ran = nil, true
		h.mu.Unlock()
		for _, f := range functions {
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
