package skel

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Adopt puts a link that was made by hand into this place of Links: one of the same
// skeleton and of the place's program or struct_ops map, a filter of AttachTC too.
// Attach then leaves the place alone, and Detach closes it. The place takes over:
// from is closed as a handle, its attachment goes on.
//
// The link has to run that program: after UpdateProgram with another one it does not
// fit. One of OpenPinnedLink may run the program that an earlier process loaded, until
// UpdateProgram: it fits by type and name, as far as the kernel tells them, which
// takes CAP_SYS_ADMIN; the same holds for struct_ops.
//
// EEXIST says that the place is taken, EINVAL that from does not fit, is of another
// skeleton or itself a place.
func (l *Link) Adopt(from *Link) error {
	switch {
	case l.object() == nil:
		return ErrClosed
	case from == nil || from.o == nil || !l.kept || l.mapName != "" && !l.o.spec.Maps[l.index].Link:
		return l.fail("adopt", errInvalid)
	case from.o != l.o:
		return l.fail("adopt", misfit("it is of another skeleton, %s", from.o.name))
	case from.kept:
		return l.fail("adopt", misfit("it is itself a place in Links"))
	}
	if err := l.object().enterChange(); err != nil {
		return err
	}
	defer l.o.leaveChange()
	switch {
	case l.attached():
		return l.fail("adopt", errExist)
	case !from.attached():
		return ErrClosed
	}
	if err := l.fits(from); err != nil {
		return l.fail("adopt", err)
	}
	delete(l.o.byHand, from)
	l.made, from.made = from.made, nil
	return nil
}

func misfit(format string, args ...any) error {
	return fmt.Errorf("%w: the link does not fit this place: "+format, append([]any{syscall.EINVAL}, args...)...)
}

// fits compares what the kernel says of a link, and what its maker said, with the
// place's program or map. The caller is alone with the object.
func (l *Link) fits(from *Link) error {
	byHand := from.program != "" || from.mapName != ""
	if byHand && (from.program != l.program || from.mapName != l.mapName) {
		return misfit("it is of %s", from.owner())
	}
	if _, ok := from.made.(*filter); ok {
		return nil
	}
	info, err := bpf.InfoOfLink(from.made.FD())
	switch {
	case err != nil && byHand: // no link of the kernel's, or several
		return nil
	case err != nil:
		return err
	case l.program != "":
		return l.fitsProgram(info, byHand)
	}
	return l.fitsMap(info, byHand)
}

// owner is what a link was made from, for errors.
func (l *Link) owner() string {
	if l.program != "" {
		return "program " + l.program
	}
	return "map " + l.mapName
}

func (l *Link) fitsProgram(info bpf.LinkInfo, byHand bool) error {
	mine, err := bpf.InfoOfProgram(l.o.sk.Program(l.index).FD())
	if err != nil || mine.ID == info.ProgramID {
		return err
	}
	if info.ProgramID == 0 {
		return misfit("it runs no program, as a link of type %s", info.Type)
	}
	if byHand {
		return misfit("UpdateProgram has made it run another program, of id %d", info.ProgramID)
	}
	other, err := programByID(info.ProgramID)
	switch {
	case errors.Is(err, syscall.EPERM):
		return nil
	case err != nil:
		return err
	case other.Name != mine.Name || other.Type != mine.Type:
		return misfit("it runs the program %s: UpdateProgram makes it run this one, if its kind of link can", other.Name)
	}
	return nil
}

func (l *Link) fitsMap(info bpf.LinkInfo, byHand bool) error {
	mine, err := bpf.InfoOfMap(l.o.fds[l.index])
	if err != nil {
		return err
	}
	if info.Type != uapi.LinkTypeStructOps {
		return misfit("it is of type %s, not struct_ops", info.Type)
	}
	if info.MapID == mine.ID {
		return nil
	}
	if byHand {
		return misfit("UpdateMap has made it use another map, of id %d", info.MapID)
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
		return misfit("it is of the map %s", other.Name)
	}
	return err
}
