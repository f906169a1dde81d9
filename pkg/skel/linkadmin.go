package skel

import (
	"fmt"
	"strconv"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// OpenPinnedLink opens the link that is pinned at path, for UpdateProgram, Info and
// Unpin, or to be adopted. It belongs to the skeleton like the links that the skeleton
// made, but its Close leaves the pin, and with it the attachment. (bpf_link__open)
func (o *Object) OpenPinnedLink(path string) (*Link, error) {
	if err := o.beginChange(); err != nil {
		return nil, err
	}
	defer o.endChange()
	if err := checkPath(path); err != nil {
		return nil, fail("open the link "+strconv.Quote(path), o.name, "", "", err)
	}
	fd, err := bpf.OpenPin(path, bpf.PinOptions{})
	if err != nil {
		return nil, fail("open the link "+path, o.name, "", "", err)
	}
	if err := bpf.CheckKind(fd, bpf.KindLink); err != nil {
		closeFD(fd)
		return nil, fail("open the link "+path, o.name, "", "", err)
	}
	return o.registerLink("", "", &fdLink{fd: fd, event: -1, pinPath: path}), nil
}

// UpdateProgram atomically replaces the program that the link runs by another one of
// the same type, of this skeleton or another, which may be closed afterwards. Some
// kinds of link do not support it. (bpf_link__update_program)
func (l *Link) UpdateProgram(p *Program) error {
	program, err := copyFD(p, bpf.KindProgram)
	if err != nil {
		return err
	}
	defer closeFD(program)
	return l.withFD("update", func(fd int) error { return bpf.UpdateLink(fd, bpf.LinkUpdate{New: program}) })
}

// UpdateMap atomically replaces the functions of a struct_ops link by those in another
// map of the same skeleton with the same kind of struct. Both maps are declared with
// SEC(".struct_ops.link"). (bpf_link__update_map)
func (l *Link) UpdateMap(m *StructOps) error {
	if l.object() == nil || m.base().object == nil {
		return ErrClosed
	}
	if m.object != l.o {
		return l.fail("update", errInvalid)
	}
	if err := l.beginChange("update"); err != nil {
		return err
	}
	defer l.o.endChange()
	u, ok := l.attachment.(backend.MapUpdater)
	if !ok {
		return l.fail("update", fmt.Errorf("%w: the link does not belong to a struct_ops map", syscall.EINVAL))
	}
	return l.fail("update", u.UpdateMap(m.lm))
}

// Pin keeps the attachment in the kernel under path, in a BPF file system, also after
// Close. The error is EBUSY if it is already pinned. For a perf event, or a link
// attached through one, Close leaves a file descriptor open until the process ends.
// (bpf_link__pin)
func (l *Link) Pin(path string) error {
	return l.withFD("pin", func(int) error {
		if err := checkPath(path); err != nil {
			return err
		}
		return l.attachment.Pin(path)
	})
}

// Unpin removes the link's pin; Close then detaches again. The error is EINVAL if it
// has none. (bpf_link__unpin)
func (l *Link) Unpin() error {
	return l.withFD("unpin", func(int) error { return l.attachment.Unpin() })
}

// PinPath returns the path at which the link is pinned, "" if it is not.
// (bpf_link__pin_path)
func (l *Link) PinPath() (path string) {
	_ = l.withFD("pin", func(int) error {
		path = l.attachment.PinPath()
		return nil
	})
	return path
}

// LinkInfo is the kernel's information on a link. Fields that its kind does not have, or
// that the running kernel does not report, are zero.
type LinkInfo struct {
	Type       uapi.LinkType
	ID         uint32
	ProgramID  uint32 // 0 for struct_ops
	AttachType uapi.AttachType
	Ifindex    int    // of xdp, tcx, netkit
	CgroupID   uint64 // of cgroup
	NetnsInode uint32 // of netns
	MapID      uint32 // of struct_ops, sockmap, and iterators of maps
	// TargetObject and TargetBTF are the target of tracing and freplace: the id of a
	// program or BTF, and the id of a type in it.
	TargetObject, TargetBTF uint32
	// Cookie is set for a perf event, kprobe, uprobe or tracepoint; for tracing and raw
	// tracepoints too, from Linux 6.19 and 6.9 on.
	Cookie uint64
	// Name is a tracepoint, a function, a file, or a kind of iterator.
	Name string
}

// Info asks the kernel for the link's properties. (bpf_link_get_info_by_fd)
func (l *Link) Info() (info LinkInfo, err error) {
	err = l.withFD("get info", func(fd int) error {
		got, err := bpf.InfoOfLink(fd)
		info = LinkInfo(got)
		return err
	})
	return info, err
}
