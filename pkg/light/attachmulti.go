//go:build linux

package light

import (
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/internal/bpf"
)

// checkTargets refuses lists whose lengths differ, and what contradicts a pattern or is
// missing without one.
func (a *attempt) checkTargets(pattern string, t *backend.Targets) error {
	count := max(len(t.Names), len(t.Locations))
	for _, n := range []int{len(t.Names), len(t.Locations), len(t.RefCounters), len(t.Cookies)} {
		if n != 0 && n != count {
			a.warn("the lists have different lengths")
			return unix.EINVAL
		}
	}
	switch {
	case t.Return && t.Session, (pattern != "") == (count > 0), len(t.Names) > 0 && len(t.Locations) > 0, pattern == "" && t.Unique:
		return unix.EINVAL
	}
	return nil
}

// kprobedMulti are functions of the kernel, uprobedMulti those of a file.
type (
	kprobedMulti struct{ backend.KprobeMulti }
	uprobedMulti struct{ backend.UprobeMulti }
)

func (t kprobedMulti) attachBy(a *attempt) (*link, error) { return a.kprobeMulti(t.KprobeMulti) }
func (t uprobedMulti) attachBy(a *attempt) (*link, error) { return a.uprobeMulti(t.UprobeMulti) }

func (a *attempt) kprobeMulti(t backend.KprobeMulti) (*link, error) {
	if err := a.checkTargets(t.Pattern, &t.Targets); err != nil {
		return nil, err
	}
	to := bpf.KprobeMulti{Names: t.Names, Addresses: t.Locations, Cookies: t.Cookies, Return: t.Return, Session: t.Session}
	switch {
	case t.Pattern == "":
	case !strings.ContainsAny(t.Pattern, "*?") && !t.Unique:
		to.Names = []string{t.Pattern}
	default:
		var err error
		if to.Addresses, err = a.kernelFunctions(t.Pattern); err != nil {
			return nil, err
		}
		if t.Unique && len(to.Addresses) != 1 {
			a.warn("prog '%s': failed to find a unique match for '%s' (%d matches)", a.name, t.Pattern, len(to.Addresses))
			return nil, unix.EINVAL
		}
	}
	return a.made("failed to attach", func() (int, error) {
		fd, err := bpf.LinkKprobeMulti(a.program, to)
		if err == unix.ESRCH { // the kernel's error for a name that it does not have
			err = unix.ENOENT
		}
		return fd, err
	})
}

func (a *attempt) uprobeMulti(t backend.UprobeMulti) (*link, error) {
	if err := a.checkTargets(t.Pattern, &t.Targets); err != nil {
		return nil, err
	}
	to := bpf.UprobeMulti{
		Path: t.Path, Offsets: t.Locations, RefCounters: t.RefCounters, Cookies: t.Cookies,
		PID: max(t.PID, 0), Return: t.Return, Session: t.Session,
	}
	if t.PID == 0 {
		to.PID = os.Getpid()
	}
	var err error
	if t.Pattern != "" {
		if to.Path, err = a.resolvePath(t.Path); err != nil {
			return nil, err
		}
	}
	if t.Pattern != "" || len(t.Names) > 0 {
		if to.Offsets, err = a.functionOffsets(to.Path, t.Pattern, t.Names); err != nil {
			return nil, err
		}
	}
	return a.made("failed to attach multi-uprobe", func() (int, error) { return bpf.LinkUprobeMulti(a.program, to) })
}

// functionOffsets returns the offsets of the functions that match a pattern, or of those
// with the given names.
func (a *attempt) functionOffsets(path, pattern string, names []string) (offsets []uint64, err error) {
	file, size, err := a.open("elf", path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	e, err := openELF(file, size)
	if err != nil {
		a.warn("elf: failed to get ehdr from %s: %v", path, err)
		return nil, unix.EINVAL // the errno of libbpf's own check here
	}
	var why string
	if pattern != "" {
		offsets, why, err = e.matching(path, pattern)
	} else {
		offsets, why, err = e.offsets(path, names)
	}
	if why != "" {
		a.warn("%s", why)
	}
	return offsets, err
}

// kernelFunctions returns the addresses of the functions of the kernel that match a
// pattern and can be probed. The kernel lists those that can be probed, from Linux 6.5 on
// with their addresses; before, kallsyms has the addresses.
func (a *attempt) kernelFunctions(pattern string) (addresses []uint64, err error) {
	folder := tracefs()
	list := folder + "/available_filter_functions_addrs"
	if unix.Access(list, unix.R_OK) == nil {
		err = a.eachLine(list, func(line string) {
			address, rest := word(line)
			if name, _ := word(rest); glob(pattern, name) {
				addresses = append(addresses, hexadecimal(address))
			}
		})
	} else {
		addresses, err = a.kernelFunctionsByName(pattern, folder+"/available_filter_functions")
	}
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, unix.ENOENT
	}
	for _, address := range addresses {
		if address == 0 {
			a.warn("prog '%s': the addresses of functions that match '%s' are hidden from this process", a.name, pattern)
			return nil, unix.EPERM
		}
	}
	return addresses, nil
}

func (a *attempt) kernelFunctionsByName(pattern, list string) (addresses []uint64, err error) {
	probed := map[string]bool{}
	err = a.eachLine(list, func(line string) {
		if name, _ := word(line); glob(pattern, name) {
			probed[strings.Clone(name)] = true
		}
	})
	if err != nil || len(probed) == 0 {
		return nil, err
	}
	err = a.eachLine("/proc/kallsyms", func(line string) {
		address, rest := word(line)
		_, rest = word(rest) // the kind of symbol
		name, _ := word(rest)
		if !glob(pattern, name) {
			return
		}
		// Some kernels leave this suffix out of the first list.
		short, _, _ := strings.Cut(name, ".llvm.")
		if probed[name] || probed[short] {
			addresses = append(addresses, hexadecimal(address))
		}
	})
	return addresses, err
}

// hexadecimal parses an address as kallsyms prints it. It returns 0 for other text.
func hexadecimal(s string) uint64 {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		return 0
	}
	return n
}

// eachLine calls f with each line of a file of the kernel.
func (a *attempt) eachLine(path string, f func(line string)) error {
	file, err := os.Open(path)
	if err != nil {
		a.warn("failed to open %s: %v", path, plain(err))
		return plain(err)
	}
	defer file.Close()
	buffer := make([]byte, 1<<16)
	for held := 0; ; {
		n, err := file.Read(buffer[held:])
		if err != nil && err != io.EOF {
			return plain(err)
		}
		text := string(buffer[:held+n]) // lines share its memory
		for {
			line, rest, ended := strings.Cut(text, "\n")
			if !ended && err == nil && len(line) < len(buffer) {
				break
			}
			if line != "" {
				f(line)
			}
			if text = rest; text == "" {
				break
			}
		}
		if err != nil {
			return nil
		}
		held = copy(buffer, text)
	}
}

// word returns the first word of a line, and the rest.
func word(line string) (first, rest string) {
	line = strings.TrimLeft(line, " \t")
	if i := strings.IndexAny(line, " \t"); i >= 0 {
		return line[:i], line[i:]
	}
	return line, ""
}
