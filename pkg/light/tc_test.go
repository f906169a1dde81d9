//go:build linux

package light

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

const loopback = 1 // the interface's index, in every network namespace

// inNetwork calls f on a thread in a network namespace of its own, which ends with it.
func inNetwork(t testing.TB, f func(netns int)) {
	t.Helper()
	testkit.NeedRoot(t)
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer close(done)
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		netns, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			done <- err
			return
		}
		defer unix.Close(netns)
		f(netns)
	}()
	testkit.Must(t, <-done)
}

// classifier loads a program for filters, and returns its id too.
func classifier(t testing.TB, name string) (fd int, id uint32) {
	t.Helper()
	testkit.NeedRoot(t)
	fd = fdOf(t)(bpf.LoadProgram(&bpf.ProgramSpec{
		Type: uapi.ProgTypeSchedCls, Name: name, License: "GPL", Insns: append(instruction(0xb7, 0, 0, 0), instruction(0x95, 0, 0, 0)...),
	}))
	info, err := bpf.InfoOfProgram(fd)
	testkit.Must(t, err)
	return fd, info.ID
}

// A tcStep makes one call, and describes its results.
type tcStep struct {
	name string
	call func(tc backend.TC, first, second int, firstID uint32) (string, error)
}

var (
	ingress = backend.TCHook{Ifindex: loopback, Point: tcIngress}
	egress  = backend.TCHook{Ifindex: loopback, Point: tcEgress}
	both    = backend.TCHook{Ifindex: loopback, Point: tcIngress | tcEgress}
	custom  = backend.TCHook{Ifindex: loopback, Point: tcCustom, Parent: ingressParent}
)

func creates(h backend.TCHook) func(backend.TC, int, int, uint32) (string, error) {
	return func(tc backend.TC, _, _ int, _ uint32) (string, error) { return "", tc.Create(h) }
}

func destroys(h backend.TCHook) func(backend.TC, int, int, uint32) (string, error) {
	return func(tc backend.TC, _, _ int, _ uint32) (string, error) { return "", tc.Destroy(h) }
}

func attaches(h backend.TCHook, f backend.TCFilter, which int) func(backend.TC, int, int, uint32) (string, error) {
	return func(tc backend.TC, first, second int, _ uint32) (string, error) {
		f.Program = []int{first, second, 0}[which]
		handle, priority, err := tc.Attach(h, f)
		if err != nil {
			return "", err
		}
		return fmt.Sprint(handle, " ", priority), nil
	}
}

func detaches(h backend.TCHook, handle, priority uint32, otherID uint32) func(backend.TC, int, int, uint32) (string, error) {
	return func(tc backend.TC, _, _ int, id uint32) (string, error) {
		return "", tc.Detach(h, handle, priority, id+otherID, -1)
	}
}

func queries(h backend.TCHook, handle, priority uint32) func(backend.TC, int, int, uint32) (string, error) {
	return func(tc backend.TC, _, _ int, id uint32) (string, error) {
		program, err := tc.Query(h, handle, priority)
		return fmt.Sprint(program == id), err
	}
}

var tcSteps = []tcStep{
	{"query without a discipline", queries(ingress, 1, 1)},
	{"attach without a discipline", attaches(ingress, backend.TCFilter{}, 0)},
	{"detach without a discipline", detaches(ingress, 1, 1, 0)},
	{"destroy one side without a discipline", destroys(ingress)},
	{"destroy what is not there", destroys(both)},
	{"create", creates(ingress)},
	{"create again", creates(both)},
	{"create without an interface", creates(backend.TCHook{Point: tcIngress})},
	{"create on an interface that is not there", creates(backend.TCHook{Ifindex: 1 << 20, Point: tcIngress})},
	{"create with a parent", creates(backend.TCHook{Ifindex: loopback, Point: tcIngress, Parent: 1})},
	{"create at a point that is none", creates(backend.TCHook{Ifindex: loopback, Point: 16})},
	{"create at a custom point", creates(custom)},
	{"attach with what the kernel chooses", attaches(ingress, backend.TCFilter{}, 0)},
	{"attach another with what the kernel chooses", attaches(ingress, backend.TCFilter{}, 1)},
	{"attach with a handle", attaches(egress, backend.TCFilter{Handle: 7}, 0)},
	{"attach with handle and priority", attaches(ingress, backend.TCFilter{Handle: 3, Priority: 5}, 0)},
	{"attach where there is one", attaches(ingress, backend.TCFilter{Handle: 3, Priority: 5}, 1)},
	{"query", queries(ingress, 3, 5)},
	{"query by the custom parent", queries(custom, 3, 5)},
	{"query another priority", queries(ingress, 3, 6)},
	{"query another handle", queries(ingress, 4, 5)},
	{"query without a handle", queries(ingress, 0, 5)},
	{"query with a priority that is too large", queries(ingress, 3, 1<<16)},
	{"query both sides", queries(both, 3, 5)},
	{"query without an interface", queries(backend.TCHook{Ifindex: -1, Point: tcIngress}, 3, 5)},
	{"detach another program", detaches(ingress, 3, 5, 1)},
	{"replace", attaches(ingress, backend.TCFilter{Handle: 3, Priority: 5, Replace: true}, 1)},
	{"query what was replaced", queries(ingress, 3, 5)},
	{"detach what was replaced", detaches(ingress, 3, 5, 0)},
	{"replace what is not there", attaches(ingress, backend.TCFilter{Handle: 9, Priority: 9, Replace: true}, 0)},
	{"detach", detaches(ingress, 9, 9, 0)},
	{"detach again", detaches(ingress, 9, 9, 0)},
	{"attach no program", attaches(ingress, backend.TCFilter{}, 2)},
	{"attach with a priority that is too large", attaches(ingress, backend.TCFilter{Priority: 1 << 16}, 0)},
	{"attach at a custom parent", attaches(custom, backend.TCFilter{Handle: 1, Priority: 70}, 0)},
	{"attach at a custom point without a parent", attaches(backend.TCHook{Ifindex: loopback, Point: tcCustom}, backend.TCFilter{}, 0)},
	{"attach at a discipline", attaches(backend.TCHook{Ifindex: loopback, Point: tcQdisc, Qdisc: "x"}, backend.TCFilter{}, 0)},
	{"attach to both sides", attaches(both, backend.TCFilter{}, 0)},
	{"destroy one side", destroys(ingress)},
	{"query after its side was destroyed", queries(ingress, 1, 70)},
	{"query the other side", queries(egress, 7, 49152)},
	{"destroy a custom point", destroys(custom)},
	{"destroy", destroys(both)},
	{"query after all was destroyed", queries(egress, 7, 49152)},
}

// The steps of a filter's life, alone: TestTCEqualsLibbpf compares them with libbpf's.
func TestTC(t *testing.T) {
	first, id := classifier(t, "first")
	second, _ := classifier(t, "second")
	results := map[string]string{}
	inNetwork(t, func(int) { results = runTC(tc{}, first, second, id) })
	for name, want := range map[string]string{
		"create": " <nil>", "create again": " create the hook: file exists (Kernel error message: Exclusivity flag on, cannot modify)",
		"attach with what the kernel chooses": "1 49152 <nil>", "attach with handle and priority": "3 5 <nil>", "query": "true <nil>",
		"query what was replaced": "false <nil>", "detach": " <nil>", "destroy": " <nil>",
	} {
		if results[name] != want {
			t.Errorf("%s: %q, want %q", name, results[name], want)
		}
	}
	if len(results) != len(tcSteps) {
		t.Errorf("%d results of %d steps", len(results), len(tcSteps))
	}
}

func runTC(tc backend.TC, first, second int, id uint32) map[string]string {
	results := map[string]string{}
	for _, s := range tcSteps {
		text, err := s.call(tc, first, second, id)
		results[s.name] = fmt.Sprint(text, " ", err)
	}
	return results
}

// A filter is removed in the namespace in which it was made, from a thread in another one,
// which stays where it is.
func TestTCDetachFromAnotherNetwork(t *testing.T) {
	program, id := classifier(t, "far")
	here, err := os.Readlink("/proc/thread-self/ns/net")
	testkit.Must(t, err)
	inNetwork(t, func(netns int) {
		if err := (tc{}).Create(ingress); err != nil {
			t.Error(err)
			return
		}
		handle, priority, err := (tc{}).Attach(ingress, backend.TCFilter{Program: program})
		if err != nil {
			t.Error(err)
			return
		}
		detached := make(chan error)
		go func() {
			wrong := (tc{}).Detach(ingress, handle, priority, id+1, netns)
			if !errors.Is(wrong, unix.ENOENT) {
				t.Errorf("another program: %v", wrong)
			}
			err := (tc{}).Detach(ingress, handle, priority, id, netns)
			if now, _ := os.Readlink("/proc/thread-self/ns/net"); now != here {
				t.Errorf("the thread is in %s, was in %s", now, here)
			}
			detached <- err
		}()
		if err := <-detached; err != nil {
			t.Error(err)
		}
		if _, err := (tc{}).Query(ingress, handle, priority); err == nil {
			t.Error("the filter is still there")
		}
	})
	if err := (tc{}).Detach(ingress, 1, 1, id, 1<<20); !errors.Is(err, unix.EBADF) {
		t.Errorf("a namespace that is not open: %v", err)
	}
}

// Answers that are damaged are errors.
func TestDamagedAnswers(t *testing.T) {
	u32, u16 := native.AppendUint32, native.AppendUint16
	message := func(size uint32, kind, flags uint16, body ...byte) []byte {
		return append(u32(u32(u16(u16(u32(nil, size), kind), flags), sequence), 0), body...)
	}
	for name, c := range map[string]struct {
		answer []byte
		done   bool
		err    error
	}{
		"nothing":                       {nil, false, nil},
		"a part of a header":            {make([]byte, 15), false, nil},
		"a size below the header's":     {message(15, unix.RTM_NEWTFILTER, 0), true, backend.ErrNetlink},
		"a size beyond the answer":      {message(17, unix.RTM_NEWTFILTER, 0), true, backend.ErrNetlink},
		"an error without a number":     {message(16, unix.NLMSG_ERROR, 0), true, backend.ErrNetlink},
		"an error":                      {message(36, unix.NLMSG_ERROR, 0, append(u32(nil, ^uint32(0)), make([]byte, 16)...)...), true, unix.EPERM},
		"a filter without struct tcmsg": {message(20, unix.RTM_NEWTFILTER, 0, 0, 0, 0, 0), true, backend.ErrNetlink},
		"a filter without options":      {message(36, unix.RTM_NEWTFILTER, 0, make([]byte, 20)...), true, nil},
		"an attribute that is too long": {message(40, unix.RTM_NEWTFILTER, 0, append(make([]byte, 20), 255, 255, 1, 0)...), true, nil},
		"another request's":             {append(message(16, unix.NLMSG_DONE, 0)[:8], make([]byte, 8)...), false, nil},
		"the end":                       {message(16, unix.NLMSG_DONE, 0), true, nil},
	} {
		done, err := newTCMessage(unix.RTM_GETTFILTER, 0).take(c.answer)
		if done != c.done || err != c.err {
			t.Errorf("%s: %v, %v", name, done, err)
		}
	}
}

func TestKernelsMessageOfAnError(t *testing.T) {
	inNetwork(t, func(int) {
		err := (tc{}).Create(backend.TCHook{Ifindex: loopback, Point: tcQdisc, Parent: 0xffffffff, Qdisc: "no_such"})
		if !errors.Is(err, unix.ENOENT) || !strings.Contains(err.Error(), "Kernel error message: ") {
			t.Error(err)
		}
	})
}
