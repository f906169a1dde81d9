// Package load makes a model of a BPF object by asking libbpf for its maps, programs
// and types. It does not parse the ELF file or the BTF, and does not call bpf(2).
package load

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Options are the ways to read an object.
type Options struct {
	// Name is the skeleton's C name; "" derives it from the file's name.
	Name string
	// Subskeleton opens the object without a name, so that data maps have the
	// names of their sections.
	Subskeleton bool
	// Members asks for the C declaration of every struct's members.
	Members bool
}

// maxFile is the largest file that is read, in bytes: libbpf's limit for a program is
// far lower.
const maxFile = 1 << 30

// File reads the object at path. Errors name the file, libbpf's reason and the remedy,
// if there is one.
func File(path string, opts Options) (*model.Object, error) {
	data, err := readChecked(path)
	if err != nil {
		return nil, err
	}
	if opts.Name == "" {
		opts.Name, err = ident.ObjectC(path)
	} else {
		err = ident.CheckObjectC(opts.Name)
	}
	if err != nil {
		return nil, err
	}
	obj, err := Bytes(data, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	obj.File = filepath.Base(path)
	return obj, nil
}

// readChecked reads the file at path, which must be a file or a pipe of a sensible size.
func readChecked(path string) ([]byte, error) {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such file", path)
	case err != nil:
		return nil, err
	case st.IsDir():
		return nil, fmt.Errorf("%s is a folder, not a BPF object", path)
	case !st.Mode().IsRegular() && st.Mode()&fs.ModeNamedPipe == 0:
		return nil, fmt.Errorf("%s is not a file or a pipe", path)
	case st.Size() > maxFile:
		return nil, fmt.Errorf("%s has %d bytes, which are too many for a BPF object", path, st.Size())
	}
	data, err := readFile(path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("%s: permission denied", path)
	case err != nil:
		return nil, err
	case len(data) == 0:
		return nil, fmt.Errorf("%s: the file is empty", path)
	case len(data) > maxFile:
		return nil, fmt.Errorf("%s has more than %d bytes, which are too many for a BPF object", path, maxFile)
	}
	return data, nil
}

// readFile reads at most one byte more than maxFile: the size of a pipe is not known in
// advance.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// Bytes reads the object in data.
func Bytes(data []byte, opts Options) (*model.Object, error) {
	if !strings.HasPrefix(string(data[:min(4, len(data))]), "\x7fELF") {
		return nil, errors.New("not an ELF file: compile a BPF object with clang -target bpf")
	}
	if err := libbpf.CheckVersion(); err != nil {
		return nil, err
	}
	openName := opts.Name
	if opts.Subskeleton {
		openName = ""
	}
	o, log, err := libbpf.OpenMem(data, openName)
	if err != nil {
		return nil, newOpenError(err, data)
	}
	defer o.Close()

	obj := &model.Object{Name: opts.Name, Bytes: data, Warnings: warningsOf(log)}
	obj.Maps = modelMaps(o.Maps())
	obj.Programs = modelPrograms(o.Programs())
	if btf := o.BTF(); btf != nil {
		obj.HasBTF, obj.BigEndian = true, btf.BigEndian()
		if obj.Types, err = readTypes(btf); err != nil {
			return nil, err
		}
		if err := cmp.Or(ident.CheckNames(obj), checkOffsets(data)); err != nil {
			return nil, err
		}
		return obj, declare(obj, btf, opts)
	}
	return obj, ident.CheckNames(obj)
}

func modelMaps(infos []libbpf.MapInfo) []model.Map {
	out := make([]model.Map, len(infos))
	for i := range infos {
		out[i] = modelMap(&infos[i])
	}
	return out
}

func modelMap(m *libbpf.MapInfo) model.Map {
	out := model.Map{
		Name: m.Name, Type: uapi.MapType(m.Type),
		KeySize: m.KeySize, ValueSize: m.ValueSize, MaxEntries: m.MaxEntries, Flags: uapi.MapFlags(m.Flags),
		NUMANode: m.NUMANode, Extra: m.Extra,
		KeyType: model.TypeID(m.KeyTypeID), ValueType: model.TypeID(m.ValueTypeID),
		Internal: m.Internal, HasData: m.HasData, DataSize: m.DataSize, PinPath: m.PinPath,
	}
	if m.Inner != nil {
		inner := modelMap(m.Inner)
		out.Inner = &inner
	}
	return out
}

func modelPrograms(infos []libbpf.ProgramInfo) []model.Program {
	out := make([]model.Program, len(infos))
	for i, p := range infos {
		out[i] = model.Program{
			Name: p.Name, Section: p.Section, Type: uapi.ProgType(p.Type), AttachType: uapi.AttachType(p.AttachType),
			Flags: uapi.ProgFlags(p.Flags), Autoload: p.Autoload,
		}
	}
	return out
}
