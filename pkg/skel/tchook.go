package skel

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// TCHook is where classifiers of section tc are attached, by netlink, as kernels
// before 6.6 need it; AttachTCX is what newer ones have. All calls work in the
// network namespace of the calling thread. (struct bpf_tc_hook)
type TCHook struct {
	Ifindex int
	Point   TCPoint
	Parent  uint32 // of TCCustom and TCQdisc: major<<16 | minor
	Handle  uint32 // of TCQdisc
	Qdisc   string // of TCQdisc: the kind
}

// TCPoint is the side of an interface.
type TCPoint uint32

// Sides of an interface; ingress and egress are those of the discipline clsact.
const (
	TCIngress TCPoint = 1 << iota
	TCEgress
	TCCustom // TCHook.Parent says which
	TCQdisc  // the discipline TCHook.Qdisc; requires libbpf 1.7
)

func (h TCHook) lib() backend.TCHook {
	return backend.TCHook{Ifindex: h.Ifindex, Point: uint32(h.Point), Parent: h.Parent, Handle: h.Handle, Qdisc: h.Qdisc}
}

func (h TCHook) check() error { return firstError(checkIfindex(h.Ifindex), checkNoNUL(h.Qdisc)) }

func (h TCHook) fail(op string, err error) error {
	return fail(op, fmt.Sprintf("hook of interface %d", h.Ifindex), "", "", err)
}

// Create makes the hook's discipline, clsact for ingress and egress; it is no
// error if it is there. AttachTC does so itself. (bpf_tc_hook_create)
func (h TCHook) Create() error { return h.fail("create", h.create()) }

func (h TCHook) create() error {
	if err := h.check(); err != nil {
		return err
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return err
	}
	if err := tc.Create(h.lib()); !errors.Is(err, syscall.EEXIST) {
		return err
	}
	return nil
}

// Destroy removes all filters of a side, including those of others. If Point is
// TCIngress|TCEgress, it removes the discipline too. (bpf_tc_hook_destroy)
func (h TCHook) Destroy() error {
	if err := h.check(); err != nil {
		return h.fail("destroy", err)
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return h.fail("destroy", err)
	}
	return h.fail("destroy", tc.Destroy(h.lib()))
}

// Query returns the kernel's id of the program that is at a handle and priority:
// ENOENT if there is none, EINVAL if there is none at all on that side.
// (bpf_tc_query)
func (h TCHook) Query(handle, priority uint32) (program uint32, err error) {
	if err := h.check(); err != nil {
		return 0, h.fail("query", err)
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return 0, h.fail("query", err)
	}
	program, err = tc.Query(h.lib(), handle, priority)
	return program, h.fail("query", err)
}

// TCOptions are for AttachTC. The kernel chooses what is zero.
type TCOptions struct {
	Handle, Priority uint32 // the filter's
	Replace          bool   // replace an existing filter; otherwise it is EEXIST
}

// AttachTC adds the program as a filter to hook, which is created if need be. The
// link has no file descriptor; its Close removes the filter, unless another program
// has taken its place, and leaves the hook. A process that ends without Close leaves
// the filter too.
//
// The link does not keep a network namespace alive. Close finds the one where the
// filter was made by a thread, a process, a mount or an open file of /proc that has
// it; if there is none, the namespace is gone and the filter with it. (bpf_tc_attach)
func (p *Program) AttachTC(hook TCHook, o *TCOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attach(attemptOn(wayTC, hook.Ifindex), func(lp backend.Program) (backend.Link, error) {
		return newFilter(hook, lp.FD(), opts)
	})
}

// filter is an attachment that is not a link of the kernel's.
type filter struct {
	tc               backend.TC
	hook             backend.TCHook
	handle, priority uint32
	program          uint32 // its id
	netns            string // where it is, "" if /proc does not say
	disconnected     bool
}

func newFilter(hook TCHook, fd int, o TCOptions) (backend.Link, error) {
	if fd < 0 {
		return nil, errNotLoaded
	}
	if err := hook.check(); err != nil {
		return nil, err
	}
	info, err := bpf.InfoOfProgram(fd)
	if err != nil {
		return nil, err
	}
	if hook.Point != TCCustom {
		if err := hook.create(); err != nil {
			return nil, err
		}
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return nil, err
	}
	f := &filter{tc: tc, hook: hook.lib(), program: info.ID}
	if f.handle, f.priority, err = tc.Attach(f.hook, backend.TCFilter{Program: fd, Handle: o.Handle, Priority: o.Priority, Replace: o.Replace}); err != nil {
		return nil, err
	}
	f.netns = threadNetns()
	return f, nil
}

// Destroy removes the filter. It is no error if it is gone: with its interface or its
// network, or by another hand, and with the last of a side the kernel says EINVAL.
func (f *filter) Destroy() error {
	if f.disconnected {
		return nil
	}
	netns := -1
	if f.netns != "" && f.netns != threadNetns() {
		var err error
		if netns, err = openNetns(f.netns); errors.Is(err, syscall.ENOENT) {
			return nil
		} else if err != nil {
			return err
		}
		defer closeFD(netns)
	}
	err := f.tc.Detach(f.hook, f.handle, f.priority, f.program, netns)
	for _, gone := range []error{syscall.ENOENT, syscall.ENODEV, syscall.EINVAL} {
		if errors.Is(err, gone) {
			return nil
		}
	}
	return err
}

// FD is -1: a filter has none.
func (*filter) FD() int { return -1 }

// Disconnect makes Destroy leave the filter.
func (f *filter) Disconnect() { f.disconnected = true }

// Pin is refused: only what has a descriptor can be pinned.
func (*filter) Pin(string) error { return errNoFD }

// Unpin is refused as Pin is.
func (*filter) Unpin() error { return errNoFD }

// PinPath is "".
func (*filter) PinPath() string { return "" }
