//go:build linux

package light

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// loading makes the calls of an object's loader. The loader creates the maps in the order
// of the description, each after the template of its elements if it has one, and loads
// the programs in that order. So each call is known by its place.
type loading struct {
	o   *object
	log backend.Log
	// failure explains the last call that failed. The loader goes on after some failures.
	failure *backend.Error
	fds     map[int]bool // descriptors that the loader opened and that nobody else owns

	nextMap      int
	templateDone bool // of the next map
	nextProgram  int
	targetDone   bool // of the next program
	symbols      map[string]kernelSymbol
	kernel       *kernelTypes // kept for the next look-up
	btfErr       error        // why the object's BTF is not in the kernel
	// fatal is set by a look-up that failed for another reason than that the kernel does not
	// have the name: the loader goes on as if a weak one were missing.
	fatal bool
	// missing are the weak functions that the kernel does not have and the next program
	// calls, missingNames their names.
	missing      []missingFunction
	refusal      backend.Log // of the last program that the kernel did not load
	missingNames []string
	poison       func(insns []byte, start uint64) // replaces those calls, nil if there are none
}

type missingFunction struct {
	name string
	insn uint64 // the loader's address of an instruction that calls it
}

// placeholderFD is the first of the numbers that the loader gets as descriptors of maps that are
// not created; no descriptor is that large.
const placeholderFD = 1 << 30

// recordFailure records a failure and returns it.
func (l *loading) recordFailure(err error, why ...backend.Message) error {
	if errno, ok := err.(syscall.Errno); ok {
		err = errnoOf(errno)
	}
	l.failure = &backend.Error{Op: "load", Err: err, Log: append(slices.Clip(l.log), why...)}
	return l.failure
}

// failureResult records a failure and returns the helper's result.
func (l *loading) failureResult(err error, why ...backend.Message) int64 {
	_ = l.recordFailure(err, why...)
	if errno, ok := err.(syscall.Errno); ok {
		return -int64(errno)
	}
	return -int64(syscall.EINVAL)
}

// closeLater notes a new descriptor, which the loader closes or passes on.
func (l *loading) closeLater(fd int) int64 {
	l.fds[fd] = true
	return int64(fd)
}

func (l *loading) closeFD(fd int32) int64 {
	if l.fds[int(fd)] {
		delete(l.fds, int(fd))
		unix.Close(int(fd))
	}
	return 0
}

// closeRest closes what a failed or damaged loader has left open.
func (l *loading) closeRest() {
	for fd := range l.fds {
		unix.Close(fd)
	}
	clear(l.fds)
}

// attributes reads a command's union bpf_attr, in which the loader's addresses are those of
// the machine. What lies beyond its end is 0.
type attributes struct {
	m    *machine
	attr []byte
}

func (a attributes) word(offset int) uint32 {
	if offset+4 > len(a.attr) {
		return 0
	}
	return binary.NativeEndian.Uint32(a.attr[offset:])
}

// memory is size bytes at the address in the field at offset; nil if the loader does not
// have them.
func (a attributes) memory(offset int, size uint64) []byte {
	if offset+8 > len(a.attr) {
		return nil
	}
	return a.m.bytes(binary.NativeEndian.Uint64(a.attr[offset:]), size)
}

// name is a name field.
func (a attributes) name(offset int) string {
	const size = 16
	if offset+size > len(a.attr) {
		return ""
	}
	return cstring(a.attr[offset : offset+size])
}

func (l *loading) bpf(m *machine, cmd uapi.Cmd, attr []byte) int64 {
	a := attributes{m, attr}
	switch cmd {
	case uapi.CmdBTFLoad:
		return l.loadBTF(a)
	case uapi.CmdMapCreate:
		return l.createMap(a)
	case uapi.CmdMapUpdateElem:
		return l.updateMap(a)
	case uapi.CmdMapFreeze:
		return l.freezeMap(a)
	case uapi.CmdProgLoad:
		return l.loadProgram(a)
	}
	return l.failureResult(fmt.Errorf("%w: %w (it calls %v)", syscall.EINVAL, errDamaged, cmd))
}

var errAddress = fmt.Errorf("%w: %w (an address is not the loader's)", syscall.EINVAL, errDamaged)

// loadBTF loads the object's BTF. Without it, maps and programs are created without
// types, as libbpf does.
func (l *loading) loadBTF(a attributes) int64 {
	data := a.memory(0, uint64(a.word(16)))
	if data == nil {
		return l.failureResult(errAddress)
	}
	fd, err := bpf.LoadBTF(data, nil)
	if err != nil {
		l.btfErr = err
		l.log = append(l.log, backend.Message{Text: fmt.Sprintf("BTF loading error: %v. BTF is optional, ignoring.", err)})
		return placeholderFD
	}
	l.o.btfFD = fd
	return int64(fd) // the object owns it
}

// btf returns the descriptor in the field at offset, 0 if the object's BTF is not in the
// kernel.
func (l *loading) btf(a attributes, offset int) int {
	if fd := int(a.word(offset)); fd == l.o.btfFD {
		return fd
	}
	return 0
}

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
	text := l.explain(cstring(s.Log))
	switch {
	case own && text != "":
		l.refusal = append(l.refusal, backend.RefusedLog(p.Name(), text))
	case !own && len(s.Log) > 0:
		n := copy(s.Log[:len(s.Log)-1], text)
		s.Log[n] = 0
	}
	return -1, err
}

// insnRegister is the register in which the loader keeps the address of the instruction
// that it completes.
const insnRegister = 8

// noTarget says that the kernel does not have a program's target.
func noTarget(p *program, name string, err error) backend.Message {
	prefix, _ := targetPrefix(p.attachType)
	if errors.Is(err, fs.ErrNotExist) {
		return backend.AboutProgram(p.Name(), "its target is looked up in the kernel's BTF, and this kernel was built without (CONFIG_DEBUG_INFO_BTF)")
	}
	return backend.NoTarget(p.Name(), strings.TrimPrefix(name, prefix), err)
}

func (l *loading) findBTF(m *machine, name string, kind uapi.BTFKind) int64 {
	if l.o.desc.Types == nil {
		return l.failureResult(errUnnamed)
	}
	return l.o.desc.Types(l, m, name, kind)
}

func (l *loading) findSymbol(name string) (address uint64, result int64) {
	if l.o.desc.Symbols == nil {
		return 0, l.failureResult(errUnnamed)
	}
	return l.o.desc.Symbols(l, name)
}

var errUnnamed = fmt.Errorf("%w: the package does not name the look-ups of its loader: run skelgen generate again", syscall.EINVAL)

// FindType looks up the target of the next program, or a function or variable of the kernel
// that it uses. See Object.Types.
func FindType(l *loading, m *machine, name string, kind uapi.BTFKind) int64 {
	p := l.program()
	if p == nil || p.noAutoload {
		return 1 // of a program that is not loaded
	}
	isTarget := p.desc.Target != "" && !l.targetDone
	if isTarget {
		l.targetDone = true
		if p.otherType && !p.ownTarget || p.targetFD >= 0 {
			return 1 // programSpec replaces it
		}
		name = p.target
		if p.ownTarget {
			kind = p.targetKind
		}
	}
	if l.kernel == nil {
		l.kernel, _ = vmlinuxTypes() // findKernelType reports the error
	}
	id, fd, err := findKernelType(name, kind)
	switch {
	case err != nil && isTarget:
		return l.failureResult(err, noTarget(p, name, err))
	case err != nil && err != syscall.ESRCH:
		l.fatal = true
		return l.failureResult(err, backend.NoExtern(kind, name))
	case err != nil:
		if kind == uapi.BTFKindFunc {
			l.missing = append(l.missing, missingFunction{name, m.reg[insnRegister]})
			l.poison = l.poisonFunctions
		}
		return l.failureResult(syscall.EINVAL, backend.NoExtern(kind, name)) // as libbpf, which loses the number
	case fd != 0:
		l.closeLater(fd)
	}
	return int64(id) | int64(fd)<<32
}

// FindSymbol looks up a symbol in kallsyms. See Object.Symbols.
func FindSymbol(l *loading, name string) (address uint64, result int64) {
	if p := l.program(); p == nil || p.noAutoload {
		return 0, 0
	}
	if l.symbols == nil {
		var err error
		if l.symbols, err = readKallsyms(l.o.symbolNames()); err != nil {
			return 0, l.failureResult(err, backend.Message{Text: fmt.Sprintf("failed to read /proc/kallsyms: %v", err)})
		}
	}
	found, ok := l.symbols[name]
	switch {
	case found.ambiguous:
		return 0, l.failureResult(syscall.EINVAL, backend.AmbiguousSymbol(name))
	case !ok && slices.Contains(l.o.desc.StrongSymbols, name):
		return 0, l.failureResult(syscall.ESRCH, backend.NoExtern(0, name))
	case !ok:
		return 0, -int64(syscall.ENOENT)
	case found.address == 0:
		return 0, l.failureResult(syscall.EPERM, backend.HiddenSymbol(name))
	}
	return found.address, 0
}
