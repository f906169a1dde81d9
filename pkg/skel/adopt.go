package skel

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Adopt moves an attachment from a link that another Attach method returned, such as
// AttachTC, to this Link of Links. Both must belong to the same skeleton and to the same
// program or struct_ops map. Attach then skips the program, and Detach closes l. The
// attachment continues; from is closed.
//
// from must run the program of l, which it no longer does after UpdateProgram with
// another program. A link of OpenPinnedLink may still run the program that an earlier
// process loaded: it is accepted if type and name are the same. That check requires
// CAP_SYS_ADMIN, and is skipped without it. The same holds for struct_ops.
//
// The error is EEXIST if l is attached, and EINVAL if from does not belong to the same
// program, belongs to another skeleton, or is itself one of Links.
func (l *Link) Adopt(from *Link) error {
	switch {
	case l.object() == nil:
		return ErrClosed
	case from == nil || from.o == nil || !l.preallocated || l.mapName != "" && !l.o.spec.Maps[l.index].Link:
		return l.fail("adopt", errInvalid)
	case from.o != l.o:
		return l.fail("adopt", adoptError("it belongs to another skeleton, %s", from.o.name))
	case from.preallocated:
		return l.fail("adopt", adoptError("it is itself one of Links"))
	}
	if err := l.object().beginChange(); err != nil {
		return err
	}
	defer l.o.endChange()
	switch {
	case l.attached():
		return l.fail("adopt", errExist)
	case !from.attached():
		return ErrClosed
	}
	if err := l.checkAdopt(from); err != nil {
		return l.fail("adopt", err)
	}
	delete(l.o.manualLinks, from)
	l.attachment, from.attachment = from.attachment, nil
	return nil
}

// adoptError says why a link cannot be adopted.
func adoptError(format string, args ...any) error {
	return fmt.Errorf("%w: the link cannot be adopted: "+format, append([]any{syscall.EINVAL}, args...)...)
}

// checkAdopt checks that from belongs to the same program or map as l. The caller holds
// beginChange.
func (l *Link) checkAdopt(from *Link) error {
	manual := from.program != "" || from.mapName != ""
	if manual && (from.program != l.program || from.mapName != l.mapName) {
		return adoptError("it belongs to %s", from.ownerName())
	}
	if _, ok := from.attachment.(*tcFilter); ok {
		return nil
	}
	info, err := bpf.InfoOfLink(from.attachment.FD())
	switch {
	case err != nil && manual: // it is not a link of the kernel, or consists of several
		return nil
	case err != nil:
		return err
	case l.program != "":
		return l.checkAdoptProgram(info, manual)
	}
	return l.checkAdoptMap(info, manual)
}

// ownerName names the program or map of a link in errors.
func (l *Link) ownerName() string {
	if l.program != "" {
		return "program " + l.program
	}
	return "map " + l.mapName
}

func (l *Link) checkAdoptProgram(info bpf.LinkInfo, manual bool) error {
	mine, err := bpf.InfoOfProgram(l.o.sk.Program(l.index).FD())
	if err != nil || mine.ID == info.ProgramID {
		return err
	}
	if info.ProgramID == 0 {
		return adoptError("it does not run a program: its type is %s", info.Type)
	}
	if manual {
		return adoptError("UpdateProgram has made it run another program, of id %d", info.ProgramID)
	}
	other, err := programInfoByID(info.ProgramID)
	switch {
	case errors.Is(err, syscall.EPERM):
		return nil
	case err != nil:
		return err
	case other.Name != mine.Name || other.Type != mine.Type:
		return adoptError("it runs the program %s: call its UpdateProgram with this program first", other.Name)
	}
	return nil
}

func (l *Link) checkAdoptMap(info bpf.LinkInfo, manual bool) error {
	mine, err := bpf.InfoOfMap(l.o.fds[l.index])
	if err != nil {
		return err
	}
	if info.Type != uapi.LinkTypeStructOps {
		return adoptError("it is of type %s, not struct_ops", info.Type)
	}
	if info.MapID == mine.ID {
		return nil
	}
	if manual {
		return adoptError("UpdateMap has made it use another map, of id %d", info.MapID)
	}
	fd, err := bpf.OpenByID(bpf.KindMap, info.MapID, 0, 0)
	if errors.Is(err, syscall.EPERM) {
		return nil
	}
	if err != nil {
		return err
	}
	defer closeFD(fd)
	other, err := bpf.InfoOfMap(fd)
	if err == nil && other.Name != mine.Name {
		return adoptError("it belongs to the map %s", other.Name)
	}
	return err
}
