package skel

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// IterOptions select the map, cgroups or tasks that an iterator visits. Section
// iter/bpf_map_elem, iter/bpf_sk_storage_map and iter/sockmap need Map; iter/cgroup
// takes Cgroup, and iter/task, iter/task_file and iter/task_vma take Task. Other
// sections take none of them. An option of another kind is EINVAL.
type IterOptions struct {
	Map    Descriptor
	Cgroup *CgroupIter
	Task   *TaskIter
}

// CgroupIter is a walk through cgroups. It starts at the cgroup behind FD, at the one
// with ID, or, if both are 0, at the root.
type CgroupIter struct {
	Order uapi.CgroupIterOrder
	FD    int
	ID    uint64
}

// TaskIter restricts an iterator to the thread TID, or to the threads of the process
// PID or behind PIDFD. One of the three is set.
type TaskIter struct {
	TID, PID, PIDFD int
}

// AttachIter makes the program an iterator; Link.Iterate reads it.
// (bpf_program__attach_iter)
func (p *Program) AttachIter(o *IterOptions) (*Link, error) {
	a := p.loadTargetRequest(methodIter)
	if err := optionsOf(o).checkIterator(a.symbol); err != nil {
		return nil, p.fail(a.op, err)
	}
	info, release, err := iterInfo(optionsOf(o))
	if err != nil {
		return nil, p.fail(a.op, err)
	}
	defer release()
	return p.attachBySyscall(a, nil, func(program int) (int, error) { return bpf.LinkIter(program, info) })
}

// iterOptionName maps an iterator, as its section names it, to the option that it takes.
var iterOptionName = map[string]string{
	"bpf_map_elem": "Map", "bpf_sk_storage_map": "Map", "sockmap": "Map",
	"cgroup": "Cgroup", "task": "Task", "task_file": "Task", "task_vma": "Task",
}

// checkIterator refuses options of another kind of iterator, whose bytes the kernel would
// misread: a map's file descriptor as the number of a thread.
func (o IterOptions) checkIterator(iterator string) error {
	want, known := iterOptionName[iterator]
	for name, given := range map[string]bool{"Map": o.Map != nil, "Cgroup": o.Cgroup != nil, "Task": o.Task != nil} {
		if known && given && name != want {
			return fmt.Errorf("%w: the iterator %s takes IterOptions.%s, not %s", syscall.EINVAL, iterator, want, name)
		}
	}
	if want == "Map" && o.Map == nil {
		return fmt.Errorf("%w: the iterator %s needs a map: set IterOptions.Map", syscall.EINVAL, iterator)
	}
	return nil
}

// iterInfo returns a union bpf_iter_link_info, nil if no option is set.
func iterInfo(o IterOptions) (info []byte, release func(), err error) {
	release = func() {}
	kinds := 0
	put := func(words ...uint32) {
		kinds++
		for _, w := range words {
			info = binary.NativeEndian.AppendUint32(info, w)
		}
	}
	if o.Cgroup != nil {
		if err := checkFD(o.Cgroup.FD); err != nil {
			return nil, nil, err
		}
		put(uint32(o.Cgroup.Order), uint32(o.Cgroup.FD))
		info = binary.NativeEndian.AppendUint64(info, o.Cgroup.ID)
	}
	if o.Task != nil {
		if err := firstError(checkRange("the TID", o.Task.TID, 0, maxInt32), checkPID(o.Task.PID), checkFD(o.Task.PIDFD)); err != nil {
			return nil, nil, err
		}
		put(uint32(o.Task.TID), uint32(o.Task.PID), uint32(o.Task.PIDFD))
	}
	if o.Map != nil {
		fd, err := copyFD(o.Map, bpf.KindMap)
		if err != nil {
			return nil, nil, err
		}
		release = func() { closeFD(fd) }
		put(uint32(fd))
	}
	if kinds > 1 {
		release()
		return nil, nil, fmt.Errorf("%w: set only one of IterOptions.Map, Cgroup and Task", syscall.EINVAL)
	}
	return info, release, nil
}

// Iterate begins to read an iterator: each Read runs the program and returns what it
// wrote with bpf_seq_write and the like, io.EOF at the end. Any number of readers may
// be open at once. The caller closes each, even after the link and the skeleton are
// closed, and may do so before the end. (bpf_iter_create)
func (l *Link) Iterate() (r io.ReadCloser, err error) {
	err = l.withFD("iterate", func(fd int) error {
		made, err := bpf.NewIterator(fd)
		if err == nil {
			r = os.NewFile(uintptr(made), "iterator "+l.program)
		}
		return err
	})
	return r, err
}
