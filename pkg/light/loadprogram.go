//go:build linux

package light

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// program is the program that the loader loads next, nil after the last.
func (l *loading) program() *program {
	for l.nextProgram < len(l.o.programs) && l.o.programs[l.nextProgram].desc.NotInLoader {
		l.nextProgram++
	}
	if l.nextProgram == len(l.o.programs) {
		return nil
	}
	return l.o.programs[l.nextProgram]
}

func (l *loading) loadProgram(a attributes) int64 {
	p := l.program()
	if p == nil {
		return l.failureResult(fmt.Errorf("%w: %w (it loads another program)", syscall.EINVAL, errDamaged))
	}
	l.nextProgram++
	l.targetDone = false
	defer func() { l.missing, l.missingNames, l.poison = nil, nil, nil }()
	if l.fatal {
		return -int64(syscall.EINVAL) // the loader stops here
	}
	if p.noAutoload {
		return 0
	}
	spec, err := l.programSpec(p, a)
	if err != nil {
		return l.failureResult(err, backend.AboutProgram(p.Name(), "failed to prepare load attributes: %v", err))
	}
	if p.fd, err = l.verify(p, spec); err != nil {
		if err == syscall.E2BIG && kernelVersion() < version(5, 17, 0) {
			return l.failureResult(syscall.EOPNOTSUPP, backend.AboutProgram(p.Name(), tooOld))
		}
		return l.failureResult(err, l.refusal...)
	}
	l.bindConstants(p)
	return int64(p.fd)
}

// bindConstants makes the program keep the sections of constants, as libbpf does: tools
// such as bpftool read a program's metadata there. It is not an error if that fails.
func (l *loading) bindConstants(p *program) {
	for _, m := range l.o.maps {
		if m.desc.Section != SectionRodata || m.fd < 0 {
			continue
		}
		if err := bpf.BindMap(p.fd, m.fd); err != nil {
			l.log = append(l.log, backend.AboutProgram(p.Name(), "failed to bind map '%s': %v", m.Name(), err))
		}
	}
}

// programSpec reads the loader's attributes of a program, and changes what the caller has
// set.
func (l *loading) programSpec(p *program, a attributes) (*bpf.ProgramSpec, error) {
	table := func(size, at, count int) bpf.Table {
		t := bpf.Table{RecordSize: a.word(size), Count: a.word(count)}
		t.Data = a.memory(at, uint64(t.RecordSize)*uint64(t.Count))
		return t
	}
	s := &bpf.ProgramSpec{
		Type: uapi.ProgType(a.word(0)), AttachType: uapi.AttachType(a.word(68)), Name: a.name(48), Flags: uapi.ProgFlags(a.word(44)),
		Ifindex: a.word(64), BTFFD: l.btf(a, 72), AttachBTF: a.word(108), TargetFD: int(a.word(112)),
		Insns:    a.memory(8, uint64(a.word(4))*8),
		FuncInfo: table(76, 80, 88), LineInfo: table(92, 96, 104), Relocations: table(136, 128, 116),
	}
	var ok bool
	if s.License, ok = l.license(a); !ok || s.Insns == nil {
		return nil, errAddress
	}
	if s.FDs = a.memory(120, fdArray*4); s.FDs == nil {
		return nil, errAddress
	}
	if s.BTFFD == 0 {
		if s.Relocations.Count > 0 {
			l.log = append(l.log, backend.AboutProgram(p.Name(), "the kernel relocates it by the object's BTF, which it did not load: %v", l.btfErr))
			return nil, cmp.Or(l.btfErr, error(syscall.EINVAL))
		}
		s.FuncInfo, s.LineInfo = bpf.Table{}, bpf.Table{}
	}
	if s.TargetFD != 0 && !l.fds[s.TargetFD] {
		return nil, errAddress
	}
	if p.kind != p.desc.Type {
		s.Type = p.kind
	}
	if p.attachType != p.desc.AttachType {
		s.AttachType = p.attachType
	}
	s.Flags = s.Flags&^p.desc.Flags | p.flags
	switch {
	case p.otherType && !p.ownTarget:
		s.AttachBTF, s.TargetFD = 0, 0
	case p.targetFD >= 0:
		id, err := p.functionOf(p.targetFD, p.target)
		if err != nil {
			l.log = append(l.log, noTarget(p, p.target, err))
			return nil, err
		}
		s.AttachBTF, s.TargetFD = id, p.targetFD
	}
	l.poisonMaps(s.Insns)
	if l.poison != nil {
		l.poison(s.Insns, binary.NativeEndian.Uint64(a.attr[8:]))
	}
	return s, nil
}

// fdArray is how many descriptors instructions can name: 64 of maps and 256 of BTF.
const fdArray = 64 + 256

// license reads the string in the field at offset 16.
func (l *loading) license(a attributes) (string, bool) {
	const most = 128 // bytes that the kernel reads
	for size := uint64(1); size <= most; size++ {
		b := a.memory(16, size)
		if b == nil {
			return "", false
		}
		if b[size-1] == 0 {
			return string(b[:size-1]), true
		}
	}
	return "", false
}

// tooOld is the reason why a kernel before 5.17 loads no program that it would have to
// relocate: it answers E2BIG to attributes that it does not know.
const tooOld = "this kernel is too old for a package without libbpf: use Linux 6.1 or newer, or build with cgo"

// The buffer for the verifier's log: libbpf's first size, and the kernel's limit.
const (
	firstLog = 16 << 20
	largest  = 1<<30 - 1
)

// verify loads a program, and again with a buffer for the verifier's log if the kernel
// refuses it.
func (l *loading) verify(p *program, s *bpf.ProgramSpec) (int, error) {
	if s.LogLevel = p.logLevel; s.LogLevel == 0 {
		s.LogLevel = l.o.opts.LogLevel
	}
	buffer, size := &p.log, p.logSize
	if size == 0 {
		buffer, size = &l.o.log, l.o.opts.LogSize
	}
	own := size == 0
	var big mapping
	defer big.free()
	// enlarge gives the log more room; where there is none, it keeps what it has.
	enlarge := func(size int) bool {
		fresh, err := newMapping(size)
		if err != nil {
			return false
		}
		big.free()
		big, s.Log = fresh, fresh.bytes(size)
		return true
	}
	s.Log = buffer.bytes(size)
	if own && s.LogLevel != 0 && !enlarge(firstLog) {
		return -1, syscall.ENOMEM
	}
	fd, err := bpf.LoadProgram(s)
	if err != nil && s.LogLevel == 0 && (!own || enlarge(firstLog)) {
		s.LogLevel = 1
		fd, err = bpf.LoadProgram(s)
	}
	for own && err == syscall.ENOSPC && 2*len(s.Log) <= largest && enlarge(2*len(s.Log)) {
		fd, err = bpf.LoadProgram(s)
	}
	if err == nil {
		return fd, nil
	}
	l.refusal = backend.Log{backend.Refused(p.Name(), err)}
	text := l.explain(unix.ByteSliceToString(s.Log))
	switch {
	case own && text != "":
		l.refusal = append(l.refusal, backend.RefusedLog(p.Name(), text))
	case !own && len(s.Log) > 0:
		n := copy(s.Log[:len(s.Log)-1], text)
		s.Log[n] = 0
	}
	return -1, err
}
