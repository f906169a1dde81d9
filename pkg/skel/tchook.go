package skel

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// TCHook is an attach point for classifiers of section tc, by netlink, as kernels
// before 6.6 require; newer ones also support AttachTCX. All calls work in the network
// namespace of the calling thread. (struct bpf_tc_hook)
type TCHook struct {
	Ifindex int
	Point   TCPoint
	Parent  uint32 // of TCCustom and TCQdisc: major<<16 | minor
	Handle  uint32 // of TCQdisc
	Qdisc   string // of TCQdisc: the kind
}

// TCPoint is the side of an interface.
type TCPoint uint32

// Sides of an interface; ingress and egress belong to the discipline clsact.
const (
	TCIngress TCPoint = 1 << iota
	TCEgress
	TCCustom // the side that TCHook.Parent names
	TCQdisc  // the discipline TCHook.Qdisc; requires libbpf 1.7
)

func (h TCHook) backendHook() backend.TCHook {
	return backend.TCHook{Ifindex: h.Ifindex, Point: uint32(h.Point), Parent: h.Parent, Handle: h.Handle, Qdisc: h.Qdisc}
}

func (h TCHook) check() error { return firstError(checkIfindex(h.Ifindex), checkNoNUL(h.Qdisc)) }

func (h TCHook) fail(op string, err error) error {
	return fail(op, fmt.Sprintf("hook of interface %d", h.Ifindex), "", "", err)
}

// Create creates the hook's discipline, clsact for ingress and egress; it succeeds if
// the discipline exists. AttachTC calls it. (bpf_tc_hook_create)
func (h TCHook) Create() error { return h.fail("create", h.create()) }

func (h TCHook) create() error {
	if err := h.check(); err != nil {
		return err
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return err
	}
	if err := tc.Create(h.backendHook()); !errors.Is(err, syscall.EEXIST) {
		return err
	}
	return nil
}

// Destroy removes all filters of a side, including filters of other processes. If Point
// is TCIngress|TCEgress, it removes the discipline too. (bpf_tc_hook_destroy)
func (h TCHook) Destroy() error {
	if err := h.check(); err != nil {
		return h.fail("destroy", err)
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return h.fail("destroy", err)
	}
	return h.fail("destroy", tc.Destroy(h.backendHook()))
}

// Query returns the kernel's id of the program that is at a handle and priority: ENOENT
// if there is none, EINVAL if that side has no programs at all. (bpf_tc_query)
func (h TCHook) Query(handle, priority uint32) (program uint32, err error) {
	if err := h.check(); err != nil {
		return 0, h.fail("query", err)
	}
	tc, err := backend.RegisteredTC()
	if err != nil {
		return 0, h.fail("query", err)
	}
	program, err = tc.Query(h.backendHook(), handle, priority)
	return program, h.fail("query", err)
}

// TCOptions are the options of AttachTC. The kernel chooses a Handle or Priority of
// zero.
type TCOptions struct {
	Handle, Priority uint32 // the filter's
	Replace          bool   // replace an existing filter; otherwise the error is EEXIST
}

// AttachTC adds the program as a filter to hook, which is created if needed. The link
// has no file descriptor; its Close removes the filter, unless another program has
// taken its place, and leaves the hook. The filter also stays if the process ends
// without Close.
//
// The link does not keep a network namespace alive. Close looks in /proc for a thread,
// a process, a mount or an open file that has the namespace of the filter; if there is
// none, the kernel has removed the namespace and the filter. (bpf_tc_attach)
func (p *Program) AttachTC(hook TCHook, o *TCOptions) (*Link, error) {
	opts := optionsOf(o)
	return p.attach(interfaceRequest(methodTC, hook.Ifindex), func(lp backend.Program) (backend.Link, error) {
		return newTCFilter(hook, lp.FD(), opts)
	})
}

// tcFilter is an attachment by a tc filter, for which the kernel has no link.
type tcFilter struct {
	tc               backend.TC
	hook             backend.TCHook
	handle, priority uint32
	program          uint32 // its id
	netns            string // the namespace that it is in, "" if /proc does not say
	disconnected     bool
}

func newTCFilter(hook TCHook, fd int, o TCOptions) (backend.Link, error) {
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
	f := &tcFilter{tc: tc, hook: hook.backendHook(), program: info.ID}
	if f.handle, f.priority, err = tc.Attach(f.hook, backend.TCFilter{Program: fd, Handle: o.Handle, Priority: o.Priority, Replace: o.Replace}); err != nil {
		return nil, err
	}
	f.netns = threadNetns()
	return f, nil
}

// Destroy removes the filter. It succeeds if the filter no longer exists, because its
// interface, its network namespace or the filter itself was removed. The kernel returns
// EINVAL if it was the last filter of a side.
func (f *tcFilter) Destroy() error {
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

// FD returns -1: a filter does not have one.
func (*tcFilter) FD() int { return -1 }

// Disconnect makes Destroy leave the filter.
func (f *tcFilter) Disconnect() { f.disconnected = true }

// Pin fails: only an attachment with a descriptor can be pinned.
func (*tcFilter) Pin(string) error { return errNoFD }

// Unpin fails like Pin.
func (*tcFilter) Unpin() error { return errNoFD }

// PinPath is "".
func (*tcFilter) PinPath() string { return "" }
