package skel_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/test/skels/attach"
	"github.com/bpfskel/bpfskel/internal/test/testkit"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// iterate reads the whole output of an iterator.
func iterate(t *testing.T, link *skel.Link) string {
	t.Helper()
	r, err := link.Iterate()
	must(t, err)
	defer r.Close()
	said, err := io.ReadAll(r)
	must(t, err)
	return string(said)
}

func TestTaskIterator(t *testing.T) {
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.IterTask })
	must(t, err)
	all, err := s.Progs.IterTask.AttachIter(nil)
	must(t, err)
	me := fmt.Sprintf("%d %d\n", testkit.PID(), testkit.PID()) // the programs print the kernel's numbers
	if said := iterate(t, all); !strings.Contains(said, me) {
		t.Errorf("all tasks are %q", said)
	}
	if info, err := all.Info(); err != nil || info.Type.String() != "iter" || info.Name != "task" {
		t.Errorf("the link is %+v, %v", info, err)
	}
	needKernel(t, 6, 1, "earlier ones cannot choose tasks")
	mine, err := s.Progs.IterTask.AttachIter(&skel.IterOptions{Task: &skel.TaskIter{PID: os.Getpid()}})
	must(t, err)
	for line := range strings.Lines(iterate(t, mine)) {
		if !strings.HasPrefix(line, fmt.Sprintf("%d ", testkit.PID())) {
			t.Errorf("task %q is not of this process", line)
		}
	}
	single, err := s.Progs.IterTask.AttachIter(&skel.IterOptions{Task: &skel.TaskIter{TID: os.Getpid()}})
	must(t, err)
	if said := iterate(t, single); said != me {
		t.Errorf("one thread is %q", said)
	}
}

// loadMapIterator loads the iterator over the elements of a map. A locked-down kernel
// may refuse it, since it can write into them.
func loadMapIterator(t *testing.T) *attach.Skel {
	t.Helper()
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.IterMap })
	if errors.Is(err, syscall.EPERM) {
		t.Skipf("iter/bpf_map_elem is not permitted by this kernel: %v", err)
	}
	must(t, err)
	return s
}

func TestMapIterator(t *testing.T) {
	s := loadMapIterator(t)
	for i := range uint32(3) {
		must(t, s.Maps.Squares.Update(&i, ptr(uint64(i*i))))
	}
	link, err := s.Progs.IterMap.AttachIter(&skel.IterOptions{Map: s.Maps.Squares})
	must(t, err)
	const want = "0 0\n1 1\n2 4\n"
	if said := iterate(t, link); said != want {
		t.Errorf("the map is %q", said)
	}
	// The kernel misreads options of another kind of iterator.
	for _, c := range []struct {
		name string
		p    *skel.Program
		o    *skel.IterOptions
		want string
	}{
		{"no map", s.Progs.IterMap, nil, "IterOptions.Map"},
		{"a map and a cgroup", s.Progs.IterMap, &skel.IterOptions{Map: s.Maps.Squares, Cgroup: &skel.CgroupIter{}}, ""},
		{"tasks of a map", s.Progs.IterTask, &skel.IterOptions{Map: s.Maps.Squares}, "takes IterOptions.Task, not Map"},
		{"tasks of a cgroup", s.Progs.IterTask, &skel.IterOptions{Cgroup: &skel.CgroupIter{}}, "takes IterOptions.Task, not Cgroup"},
		{"a map of a task", s.Progs.IterMap, &skel.IterOptions{Task: &skel.TaskIter{TID: 1}}, "takes IterOptions.Map, not Task"},
		{"cgroups of a task", s.Progs.IterCgroup, &skel.IterOptions{Task: &skel.TaskIter{TID: 1}}, "takes IterOptions.Cgroup, not Task"},
	} {
		if _, err := c.p.AttachIter(c.o); !errors.Is(err, syscall.EINVAL) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s returned %v, want %q", c.name, err, c.want)
		}
	}

	// A reader continues without its link and its skeleton.
	r, err := link.Iterate()
	must(t, err)
	defer r.Close()
	must(t, s.Close())
	if said, err := io.ReadAll(r); err != nil || string(said) != want {
		t.Errorf("after Close the map is %q, %v", said, err)
	}
	if _, err := link.Iterate(); !errors.Is(err, skel.ErrClosed) {
		t.Errorf("a link that is closed: error %v", err)
	}
}

func TestCgroupIterator(t *testing.T) {
	needKernel(t, 6, 1, "earlier ones have no iterator of cgroups")
	s, err := loadAttach(t, func(p *attach.OpenProgs) *skel.OpenProgram { return p.IterCgroup })
	must(t, err)
	const self, descendants = 1, 2 // BPF_CGROUP_ITER_SELF_ONLY, BPF_CGROUP_ITER_DESCENDANTS_PRE
	root := cgroupRoot(t)
	var st unix.Stat_t
	must(t, unix.Fstat(root, &st))
	for _, o := range []skel.CgroupIter{{Order: self, FD: root}, {Order: self, ID: st.Ino}} {
		link, err := s.Progs.IterCgroup.AttachIter(&skel.IterOptions{Cgroup: &o})
		must(t, err)
		if said := iterate(t, link); said != "cgroup\n" {
			t.Errorf("%+v says %q", o, said)
		}
	}
	link, err := s.Progs.IterCgroup.AttachIter(&skel.IterOptions{Cgroup: &skel.CgroupIter{Order: descendants}})
	must(t, err)
	if said := iterate(t, link); !strings.HasPrefix(said, "cgroup\n") {
		t.Errorf("all cgroups are %q", said)
	}
}

func TestIteratorsAreIndependent(t *testing.T) {
	s := loadMapIterator(t)
	link, err := s.Progs.IterMap.AttachIter(&skel.IterOptions{Map: s.Maps.Squares})
	must(t, err)
	first, err := link.Iterate()
	must(t, err)
	defer first.Close()
	one := make([]byte, 4)
	must(t, second(first.Read(one)))
	if said := iterate(t, link); said != "0 0\n1 0\n2 0\n" {
		t.Errorf("a second reader reads %q", said)
	}
	rest, err := io.ReadAll(first)
	must(t, err)
	if said := append(bytes.Clone(one), rest...); string(said) != "0 0\n1 0\n2 0\n" {
		t.Errorf("the first reads %q", said)
	}
}
