// Package functions finds functions of ELF files that libbpf does not find: those of a
// stripped program written in Go, and several by their names in .dynsym. Generated packages
// whose objects have programs of type kprobe import it. Others do not link it, nor
// debug/elf, whose initialization alone is large.
package functions

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// elfFunc is a function that a symbol of a file names.
type elfFunc struct {
	name, version string
	notDefault    bool   // another version of the name is the default
	offset        uint64 // in the file
}

// matches reports whether a caller means this function by a name, which may have a
// version: f, f@VERSION, f@@VERSION.
func (f *elfFunc) matches(wanted string) bool {
	if f.name == wanted {
		return true // Go's names may have an @
	}
	name, version, _ := strings.Cut(wanted, "@")
	version = strings.TrimPrefix(version, "@")
	return f.name == name && (version == "" || f.version == version)
}

// Finder is the backend.FunctionFinder.
type Finder struct{}

// Find returns the offsets of the functions that match pattern or, if it is "", have the
// given names.
func (Finder) Find(path, pattern string, names []string, why error) ([]uint64, error) {
	if pattern != "" {
		return matchFunctions(path, pattern, why)
	}
	return findFunctions(path, names, why)
}

// Attach attaches a program to the functions that its section names.
func (f Finder) Attach(p backend.Program, path, function, offset string, why error) (backend.Link, error) {
	const allProcesses = -1
	kind, _, _ := strings.Cut(strings.TrimPrefix(p.Section(), "?"), "/")
	onReturn, session := strings.HasPrefix(kind, "uret"), strings.Contains(kind, ".session")
	if session || strings.Contains(kind, ".multi") {
		offsets, err := matchFunctions(path, function, why)
		if err != nil {
			return nil, err
		}
		return p.AttachUprobeMulti(backend.UprobeMulti{PID: allProcesses, Path: path, Targets: backend.Targets{Locations: offsets, Return: onReturn, Session: session}})
	}
	inFunction, err := strconv.ParseUint(strings.TrimPrefix(offset, "+"), 0, 63)
	if offset != "" && err != nil {
		return nil, why
	}
	start, err := f.FindOne(path, function, why)
	if err != nil {
		return nil, err
	}
	return p.AttachUprobe(backend.Uprobe{PID: allProcesses, Path: path, Offset: start + inFunction, Return: onReturn})
}

// findFunctions returns the offsets of named functions in a file, after libbpf did not
// find them and failed with why. libbpf's search for several names requires a .symtab,
// and it does not know Go's own table, which stays in a stripped binary.
func findFunctions(path string, names []string, why error) ([]uint64, error) {
	functions, err := functionsOf(path, why)
	if err != nil {
		return nil, err
	}
	var offsets []uint64
	for _, name := range names {
		var found *elfFunc
		for i := range functions {
			if f := &functions[i]; f.matches(name) && (found == nil || found.notDefault && !f.notDefault) {
				found = f
			}
		}
		if found == nil {
			return nil, fmt.Errorf("%w: %s has no function %s", syscall.ENOENT, path, name)
		}
		offsets = append(offsets, found.offset)
	}
	return offsets, nil
}

// FindOne returns the offset of a function. libbpf's own error contains the name, so it is
// kept unless the file has no names at all.
func (Finder) FindOne(path, name string, why error) (uint64, error) {
	offsets, err := findFunctions(path, []string{name}, why)
	var stripped *strippedError
	switch {
	case errors.As(err, &stripped):
		return 0, err
	case err != nil:
		return 0, why
	}
	return offsets[0], nil
}

// matchFunctions returns the offsets of the functions whose names match a pattern.
func matchFunctions(path, pattern string, why error) (offsets []uint64, err error) {
	functions, err := functionsOf(path, why)
	if err != nil {
		return nil, err
	}
	seen := map[uint64]bool{}
	for _, f := range functions {
		if glob(pattern, f.name) && !seen[f.offset] {
			seen[f.offset] = true
			offsets = append(offsets, f.offset)
		}
	}
	if len(offsets) == 0 {
		return nil, fmt.Errorf("%w: %s has no function that matches %s", syscall.ENOENT, path, pattern)
	}
	return offsets, nil
}

// strippedError reports a file in which no function can be found by its name.
type strippedError struct{ path string }

func (e *strippedError) Error() string {
	return fmt.Sprintf("%v: %s is stripped: pass offsets, or the path of a file with symbols", syscall.ENOENT, e.path)
}

func (e *strippedError) Unwrap() error { return syscall.ENOENT }

// functionsOf returns the functions of .dynsym and of Go's table. The error is why if
// the file cannot be read, or has only a .symtab, which libbpf reads.
func functionsOf(path string, why error) ([]elfFunc, error) {
	f, err := elf.Open(resolvePath(path))
	if err != nil {
		return nil, why
	}
	defer f.Close()
	functions := append(dynamicFunctions(f), goFunctions(f)...)
	if len(functions) > 0 {
		return functions, nil
	}
	if f.SectionByType(elf.SHT_SYMTAB) != nil {
		return nil, why
	}
	return nil, &strippedError{path}
}

// dynamicFunctions returns the functions of .dynsym.
func dynamicFunctions(f *elf.File) (functions []elfFunc) {
	symbols, _ := f.DynamicSymbols()
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Section == elf.SHN_UNDEF {
			continue
		}
		if offset, ok := fileOffset(f, s.Value); ok {
			functions = append(functions, elfFunc{s.Name, s.Version, s.VersionIndex.IsHidden(), offset})
		}
	}
	return functions
}

// fileOffset returns the file offset of the code at an address.
func fileOffset(f *elf.File, address uint64) (uint64, bool) {
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && p.Flags&elf.PF_X != 0 && address >= p.Vaddr && address-p.Vaddr < p.Filesz {
			return address - p.Vaddr + p.Off, true
		}
	}
	return 0, false
}

// glob matches names as libbpf does: * is any text and ? any character.
func glob(pattern, name string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			rest := strings.TrimLeft(pattern, "*")
			for i := 0; i <= len(name); i++ {
				if glob(rest, name[i:]) {
					return true
				}
			}
			return false
		case name == "" || pattern[0] != '?' && pattern[0] != name[0]:
			return false
		}
		pattern, name = pattern[1:], name[1:]
	}
	return name == ""
}

// libraryFolders are the folders in which libbpf looks for libraries, by architecture.
var libraryFolders = map[string]string{
	"amd64": "/lib/x86_64-linux-gnu", "386": "/lib/i386-linux-gnu", "s390x": "/lib/s390x-linux-gnu",
	"arm": "/lib/arm-linux-gnueabi", "arm64": "/lib/aarch64-linux-gnu", "mips": "/lib/mips-linux-gnu",
	"riscv64": "/lib/riscv64-linux-gnu",
}

// resolvePath returns the path of the file that libbpf finds for a path or a name.
func resolvePath(path string) string {
	if strings.Contains(path, "/") {
		return path
	}
	folders := []string{os.Getenv("PATH"), "/usr/bin:/usr/sbin"}
	if strings.HasSuffix(path, ".so") || strings.Contains(path, ".so.") {
		folders = []string{os.Getenv("LD_LIBRARY_PATH"), "/usr/lib64:/usr/lib", libraryFolders[runtime.GOARCH]}
	}
	for _, list := range folders {
		for _, folder := range filepath.SplitList(list) {
			file := filepath.Join(folder, path)
			if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) && err == nil {
				return file
			}
		}
	}
	return path
}
