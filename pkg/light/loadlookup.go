//go:build linux

package light

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

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
