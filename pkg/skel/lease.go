package skel

import (
	"errors"
	"fmt"
	"sync"
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// hooks are functions that Close calls before it frees anything.
type hooks struct {
	once sync.Once
	mu   sync.Mutex
	done bool
	next uint64
	all  map[uint64]func()
}

// add has f called once by run, at once if that has been. The result takes f back.
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

// run calls the functions, without a lock, so that they may wait for others that
// use the skeleton. A second caller waits for the first.
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

// OnClose has f called once, at the start of Close, while everything is still
// there; at once where Close has begun. f must not call Close. The result takes f
// back. It is for packages that work on a skeleton's maps by themselves.
func (o *Object) OnClose(f func()) (stop func()) {
	if o == nil {
		return (*life)(nil).onClose(f)
	}
	return o.onClose(f)
}

func (l *life) onClose(f func()) (stop func()) {
	switch {
	case f == nil:
		return func() {}
	case l == nil:
		f()
		return func() {}
	}
	return l.hooks.add(f)
}

// WithPointer calls f with the struct bpf_object, which Close does not close
// meanwhile. It is for other bindings of libbpf. (bpf_object_skeleton.obj)
func (o *Object) WithPointer(f func(object unsafe.Pointer) error) error {
	if err := o.enterChange(); err != nil {
		return err
	}
	defer o.leaveChange()
	if f == nil {
		return errNil
	}
	n, ok := o.sk.(backend.Native)
	if !ok {
		return fail("use", o.name, "", "", errNoNative)
	}
	return f(n.Native())
}

// errNoNative is of a back end that has no struct of C.
var errNoNative = fmt.Errorf("%w: the back end has no C object", errors.ErrUnsupported)

// OnClose is Object's, for what the map belongs to.
func (b *mapBase) OnClose(f func()) (stop func()) { return b.life.onClose(f) }

// WithFD calls f with the map's file descriptor, -1 where the map was not created,
// which Close does not close meanwhile. f makes system calls only.
func (b *mapBase) WithFD(f func(fd int) error) error {
	if err := b.life.enter(); err != nil {
		return err
	}
	defer b.life.leave()
	if f == nil {
		return errNil
	}
	return f(max(b.fd, -1))
}
