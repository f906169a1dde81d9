//go:build linux

package light

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/internal/lightfile"
	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// lightBackend opens one object.
type lightBackend struct {
	desc *Object
	file string
	crc  uint32
}

// New returns the back end for an object. file is the package's file x.light, crc the
// CRC-32 (IEEE) of the file that the package was generated with: Open refuses any other.
func New(o *Object, file string, crc uint32) backend.Backend { return &lightBackend{o, file, crc} }

// Name is "light".
func (*lightBackend) Name() string { return backendName }

// Open makes the images of the sections. It does not call bpf(2).
func (b *lightBackend) Open(spec *backend.Spec, opts backend.OpenOptions) (backend.Object, error) {
	if err := supported(opts); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(mem.OfString(b.file)) != b.crc {
		return nil, fmt.Errorf("%w: the loader is not of the generation of the Go files beside it: run skelgen generate again", syscall.EINVAL)
	}
	file, err := lightfile.Decode(binary.NativeEndian, b.file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", syscall.EINVAL, err)
	}
	o := &object{desc: b.desc, file: file, opts: opts, btfFD: -1}
	if err := o.open(spec); err != nil {
		o.Close()
		return nil, asError("open", err)
	}
	return o, nil
}

// supported returns an error for the first option that only libbpf has.
func supported(o backend.OpenOptions) error {
	switch {
	case o.Err != nil:
		return o.Err
	case o.Borrowed != nil:
		return &backend.UnsupportedError{Backend: backendName, Option: "objects that another library has opened"}
	case o.KernelBTF != "":
		return &backend.UnsupportedError{Backend: backendName, Option: "BTF from a file, because the kernel itself relocates programs"}
	case o.TokenPath != nil && *o.TokenPath != "":
		return &backend.UnsupportedError{Backend: backendName, Option: "BPF tokens"}
	}
	return nil
}

// object is an object that is open, and later in the kernel. Its maps and programs are
// those of the description; those of the Spec are found by their names.
type object struct {
	desc          *Object
	file          *lightfile.File
	opts          backend.OpenOptions
	maps          []*bpfMap
	programs      []*program
	mapOf, progOf []int // indices in maps and programs, by index in the Spec
	log           mapping
	prepared      bool // Load was called
	btfFD         int
}

func (o *object) open(spec *backend.Spec) error {
	for i := range o.desc.Maps {
		desc := &o.desc.Maps[i]
		m, err := newMap(o, desc)
		if err != nil {
			return err
		}
		o.maps = append(o.maps, m)
		if desc.PinByName {
			m.pinPath = pinRoot(o.opts.PinRoot) + "/" + desc.Name
		}
		if err := o.fillImage(m); err != nil {
			return err
		}
	}
	for i := range o.desc.Programs {
		o.programs = append(o.programs, newProgram(o, &o.desc.Programs[i]))
	}
	for _, s := range spec.Maps {
		i := slices.IndexFunc(o.maps, func(m *bpfMap) bool { return m.Name() == s.Name })
		if i < 0 {
			return fmt.Errorf("%w: the loader has no map %s: run skelgen generate again", syscall.EINVAL, s.Name)
		}
		o.mapOf = append(o.mapOf, i)
	}
	for _, name := range spec.Programs {
		i := slices.IndexFunc(o.programs, func(p *program) bool { return p.Name() == name })
		if i < 0 {
			return fmt.Errorf("%w: the loader has no program %s: run skelgen generate again", syscall.EINVAL, name)
		}
		o.progOf = append(o.progOf, i)
	}
	var err error
	o.log, err = newMapping(o.opts.LogSize)
	return err
}

func pinRoot(root string) string {
	if root == "" {
		return "/sys/fs/bpf"
	}
	return root
}

// fillImage copies a section's initial value from the blob's extents.
func (o *object) fillImage(m *bpfMap) error {
	start, size := int(m.desc.Image), int(m.desc.ImageSize)
	if size == 0 {
		return nil
	}
	if start > o.file.BlobSize-size || size != int(m.desc.ValueSize) || !m.Internal() {
		return fmt.Errorf("%w: %w (section %s)", syscall.EINVAL, errDamaged, m.Name())
	}
	image, extents := m.image.bytes(size), o.file.Extents
	first := sort.Search(len(extents), func(i int) bool { return extents[i].Offset+len(extents[i].Data) > start })
	for _, e := range extents[first:] {
		if e.Offset >= start+size {
			break
		}
		if e.Offset < start {
			copy(image, e.Data[start-e.Offset:])
		} else {
			copy(image[e.Offset-start:], e.Data)
		}
	}
	return nil
}

func (o *object) Map(i int) backend.Map         { return o.maps[o.mapOf[i]] }
func (o *object) Program(i int) backend.Program { return o.programs[o.progOf[i]] }
func (o *object) BTFFD() int                    { return max(o.btfFD, 0) }

// ELF is nil: a light package does not have the object file.
func (*object) ELF() []byte { return nil }

func (o *object) KernelLog() (log string, size int) {
	return unix.ByteSliceToString(o.log.bytes(o.opts.LogSize)), o.opts.LogSize
}

// Close frees everything.
func (o *object) Close() {
	for _, m := range o.maps {
		m.close()
	}
	for _, p := range o.programs {
		p.close()
	}
	closeFD(&o.btfFD)
	o.log.free()
	o.prepared = true
}

// Load runs the loader, and then does what libbpf's loader leaves to its caller: elements
// of program arrays, and the memory of sections.
func (o *object) Load() error {
	if o.prepared {
		return &backend.Error{Op: "load", Err: syscall.EINVAL}
	}
	l := &loading{o: o, fds: map[int]bool{}}
	err := asError("load", l.load())
	o.prepared = true
	if err != nil {
		o.unload()
	}
	l.closeRest()
	var e *backend.Error
	if errors.As(err, &e) {
		l.log = e.Log
	}
	backend.Emit(l.log)
	return err
}

// unload takes everything out of the kernel after a load that failed.
func (o *object) unload() {
	for _, m := range o.maps {
		if m.pinned && !m.foundPin {
			_ = os.Remove(m.pinPath)
			m.pinned = false
		}
		closeFD(&m.fd)
	}
	for _, p := range o.programs {
		closeFD(&p.fd)
	}
	closeFD(&o.btfFD)
}

func (l *loading) load() error {
	o := l.o
	if o.desc.Kconfig != nil {
		if err := o.desc.Kconfig.fill(l); err != nil {
			return err
		}
	}
	for _, m := range o.maps {
		if err := l.findPin(m); err != nil {
			return err
		}
	}
	if err := l.run(); err != nil {
		return err
	}
	for _, m := range o.maps {
		if err := l.fillProgramArray(m); err != nil {
			return err
		}
	}
	for _, m := range o.maps {
		if err := l.mapSection(m); err != nil {
			return err
		}
	}
	return nil
}

// run allocates the blob and interprets the loader.
func (l *loading) run() error {
	o := l.o
	blob, err := newMapping(o.file.BlobSize)
	if err != nil {
		return err
	}
	defer blob.free()
	bytes := blob.bytes(o.file.BlobSize)
	for _, e := range o.file.Extents {
		copy(bytes[e.Offset:], e.Data)
	}
	m := newMachine(o.file.Insns, bytes, make([]byte, contextSize(len(o.maps), len(o.programs))), len(o.programs), l)
	result, err := m.run()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", syscall.EINVAL, err)
	case (result < 0 || l.fatal) && l.failure != nil:
		return l.failure
	case result < 0:
		return syscall.Errno(-result)
	case l.nextMap != len(o.maps) || l.program() != nil:
		return fmt.Errorf("%w: %w (it ends too early)", syscall.EINVAL, errDamaged)
	}
	return nil
}

// contextSize is the size of the loader's context: struct bpf_loader_ctx, and a struct
// bpf_map_desc and bpf_prog_desc for each map and program. This back end does not use it:
// all it does is done in the calls.
func contextSize(maps, programs int) int { return 24 + 16*maps + 4*programs }

// mapSection puts a section's map at the address of its image, or removes the image of
// one that cannot be mapped.
func (l *loading) mapSection(m *bpfMap) error {
	switch {
	case m.image.at == nil || m.fd < 0 || m.reused:
		return nil
	case m.MapSpec.Flags&uapi.MapFlagMmapable == 0:
		m.image.free()
		return nil
	}
	if err := m.image.become(m.fd, m.MapSpec.Flags&uapi.MapFlagReadOnlyProg != 0); err != nil {
		return l.recordFailure(err, backend.AboutMap(m.Name(), "failed to re-mmap: %v", err))
	}
	return nil
}

// fillProgramArray sets the elements that the object's source lists.
func (l *loading) fillProgramArray(m *bpfMap) error {
	if m.fd < 0 {
		return nil
	}
	for _, s := range m.desc.Slots {
		if s.Program < 0 || s.Program >= len(l.o.programs) {
			return errDamaged
		}
		value := uint32(l.o.programs[s.Program].fd)
		key := s.Key
		errno := bpf.NewElems(m.fd, bpf.MapShape{}).Call(uapi.CmdMapUpdateElem, mem.At(&key), mem.At(&value), 0)
		if errno != 0 {
			return l.recordFailure(errno, backend.AboutMap(m.Name(), "failed to initialize slot [%d] to program '%s': %v", s.Key, l.o.desc.Programs[s.Program].Name, errno))
		}
	}
	return nil
}

// findPin makes load reuse the map that is pinned at the map's path, if there is one.
func (l *loading) findPin(m *bpfMap) error {
	if m.pinPath == "" || m.noAutocreate {
		return nil
	}
	fd, err := bpf.OpenPin(m.pinPath, bpf.PinOptions{})
	if err == syscall.ENOENT {
		return nil
	}
	if err != nil {
		return l.recordFailure(err, backend.AboutMap(m.Name(), "couldn't retrieve pinned map '%s': %v", m.pinPath, err))
	}
	defer unix.Close(fd)
	info, err := bpf.InfoOfMap(fd)
	s := &m.MapSpec
	if err != nil || info.Type != s.Type || info.KeySize != s.KeySize || info.ValueSize != s.ValueSize || info.MaxEntries != l.maxEntries(m) ||
		info.Flags != kernelFlags(s) || info.Extra != s.Extra {
		return l.recordFailure(syscall.EINVAL, backend.PinnedDiffers(m.pinPath), backend.AboutMap(m.Name(), "error reusing pinned map"))
	}
	if err := m.reuse(fd); err != nil {
		return err
	}
	m.pinned, m.foundPin = true, true
	return nil
}

// pinAt pins a map, in a folder that it makes if it does not exist.
func (l *loading) pinAt(fd int, path string) error {
	dir := filepath.Dir(path)
	if err := unix.Mkdir(dir, 0o700); err != nil && err != unix.EEXIST {
		return err
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return err
	}
	if uint32(fs.Type) != unix.BPF_FS_MAGIC {
		l.log = append(l.log, backend.OutsideBPFFS(path))
		return syscall.EINVAL
	}
	return bpf.Pin(fd, path, bpf.PinOptions{})
}

// kernelFlags are the flags that the kernel reports of a map created with s.
func kernelFlags(s *bpf.MapSpec) uapi.MapFlags {
	if s.Type == uapi.MapTypeDevMap || s.Type == uapi.MapTypeDevMapHash {
		return s.Flags | uapi.MapFlagReadOnlyProg
	}
	return s.Flags
}

// maxEntries is the number of elements with which a map is created.
func (l *loading) maxEntries(m *bpfMap) uint32 {
	if m.MapSpec.Type == uapi.MapTypePerfEventArray && m.MapSpec.MaxEntries == 0 {
		if n, err := bpf.NumPossibleCPUs(); err == nil {
			return uint32(n)
		}
	}
	return m.MapSpec.MaxEntries
}
