//go:build linux

package light

import (
	"fmt"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

func (l *loading) createMap(a attributes) int64 {
	if l.nextMap >= len(l.o.maps) {
		return l.failureResult(fmt.Errorf("%w: %w (it creates another map)", syscall.EINVAL, errDamaged))
	}
	m := l.o.maps[l.nextMap]
	if m.desc.Inner != nil && !l.templateDone {
		l.templateDone = true
		return l.createTemplate(m, a)
	}
	number := placeholderFD + l.nextMap
	l.nextMap++
	l.templateDone = false
	var err error
	switch {
	case m.reused:
		m.fd, m.reuseFD = m.reuseFD, -1
		return l.pinned(m)
	case m.noAutocreate:
		return int64(number)
	}
	spec := m.MapSpec
	spec.MaxEntries = l.maxEntries(m)
	spec.InnerFD = max(m.innerFD, 0)
	if fd := int(a.word(20)); l.fds[fd] {
		spec.InnerFD = fd
	}
	if m.fd, err = l.create(m, spec, a); err != nil {
		return l.failureResult(err, backend.AboutMap(m.Name(), "failed to create: %v", err))
	}
	if err := l.mapArena(m); err != nil {
		return l.failureResult(err, backend.AboutMap(m.Name(), "failed to mmap arena: %v", err))
	}
	return l.pinned(m)
}

// pinned pins a map if it has a path and is not there yet, and returns its descriptor.
func (l *loading) pinned(m *bpfMap) int64 {
	if err := l.pin(m); err != nil {
		return l.failureResult(err, backend.AboutMap(m.Name(), "failed to auto-pin at '%s': %v", m.pinPath, err))
	}
	return int64(m.fd)
}

// createTemplate creates the map that is the template of the elements of m. The loader
// closes it when it has created m.
func (l *loading) createTemplate(m *bpfMap, a attributes) int64 {
	if m.reused || m.noAutocreate || m.innerFD >= 0 {
		return placeholderFD
	}
	spec := m.inner.MapSpec
	spec.MaxEntries = l.maxEntries(m.inner)
	fd, err := l.create(m.inner, spec, a)
	if err != nil {
		return l.failureResult(err, backend.AboutMap(m.Name(), "failed to create inner map: %v", err))
	}
	return l.closeLater(fd)
}

// create creates a map. The kernel's name and the types in the object's BTF are those that
// libbpf has chosen.
func (l *loading) create(m *bpfMap, spec bpf.MapSpec, a attributes) (int, error) {
	if uapi.MapType(a.word(0)) != m.desc.Type {
		return -1, fmt.Errorf("%w: %w (it creates another type of map)", syscall.EINVAL, errDamaged)
	}
	spec.Name, spec.BTFFD = a.name(28), l.btf(a, 48)
	if spec.BTFFD == 0 || a.word(56) == 0 {
		spec.BTFFD, spec.BTFKey, spec.BTFValue = 0, 0, 0
	}
	fd, err := bpf.CreateMap(&spec)
	if err != nil && spec.BTFFD != 0 {
		l.log = append(l.log, backend.Message{Text: fmt.Sprintf("Error in bpf_create_map_xattr(%s): %v. Retrying without BTF.", m.Name(), err)})
		spec.BTFFD, spec.BTFKey, spec.BTFValue = 0, 0, 0
		fd, err = bpf.CreateMap(&spec)
	}
	return fd, err
}

// mapArena maps an arena: programs cannot use it before it has an address.
func (l *loading) mapArena(m *bpfMap) error {
	if m.MapSpec.Type != uapi.MapTypeArena {
		return nil
	}
	return m.arena.mapArena(m.fd, uintptr(m.MapSpec.Extra), int(m.MapSpec.MaxEntries))
}

// pin pins a map at its path. If another process has pinned a map there meanwhile, it is
// used instead.
func (l *loading) pin(m *bpfMap) error {
	if m.pinPath == "" || m.pinned {
		return nil
	}
	err := l.pinAt(m.fd, m.pinPath)
	if err == syscall.EEXIST {
		if err := l.findPin(m); err != nil {
			return err
		}
		if m.pinned {
			closeFD(&m.fd)
			m.fd, m.reuseFD = m.reuseFD, -1
			return nil
		}
		err = l.pinAt(m.fd, m.pinPath) // the other pin is gone
	}
	m.pinned = err == nil
	return err
}

// mapBehind returns the map that the loader means by a descriptor, nil if it is not
// created or not its own.
func (l *loading) mapBehind(fd int) *bpfMap {
	for _, m := range l.o.maps[:l.nextMap] {
		if m.fd == fd {
			return m
		}
	}
	return nil
}

// updateMap sets a section's value, or an element of a map of maps.
func (l *loading) updateMap(a attributes) int64 {
	fd := int(a.word(0))
	m := l.mapBehind(fd)
	switch {
	case m == nil && fd >= placeholderFD, m != nil && m.reused: // others have filled it
		return 0
	case m == nil:
		return l.failureResult(fmt.Errorf("%w: %w (it changes a map of others)", syscall.EINVAL, errDamaged))
	}
	key := a.memory(8, uint64(m.MapSpec.KeySize))
	value := m.InitialValue()
	if !m.Internal() {
		value = a.memory(16, 4)
	}
	if key == nil || value == nil || m.ValueSize() > uint32(len(value)) {
		return l.failureResult(errAddress)
	}
	errno := bpf.NewElems(fd, bpf.MapShape{}).Call(uapi.CmdMapUpdateElem, mem.Of(key), mem.Of(value), 0)
	if errno != 0 {
		what := "failed to set initial contents: %v"
		if !m.Internal() {
			what = "failed to initialize slot: %v"
		}
		return l.failureResult(errno, backend.AboutMap(m.Name(), what, errno))
	}
	return 0
}

func (l *loading) freezeMap(a attributes) int64 {
	fd := int(a.word(0))
	m := l.mapBehind(fd)
	if m == nil || m.reused {
		if m == nil && fd < placeholderFD {
			return l.failureResult(fmt.Errorf("%w: %w (it freezes a map of others)", syscall.EINVAL, errDamaged))
		}
		return 0
	}
	if err := bpf.FreezeMap(fd); err != nil {
		return l.failureResult(err, backend.AboutMap(m.Name(), "failed to freeze as read-only: %v", err))
	}
	return 0
}
