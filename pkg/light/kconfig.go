//go:build linux

package light

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// fill sets the variables of section .kconfig, as libbpf does: from the caller's lines,
// then from the running kernel's configuration.
func (v *KconfigVariables) fill(l *loading) error {
	k := kconfig{list: v.List, set: make([]bool, len(v.List)), open: v.Open}
	for _, m := range l.o.maps {
		if m.desc.Section == SectionKconfig {
			k.image = m.InitialValue()
		}
	}
	if err := k.fill(l.o.opts.Kconfig); err != nil {
		return l.recordFailure(k.errno, err.message)
	}
	return nil
}

// kconfig fills in the image of a section.
type kconfig struct {
	list  []Kconfig
	set   []bool
	image []byte
	open  func(release string) (io.ReadCloser, error)
	errno syscall.Errno // of a failure
}

// kconfigError is the message of a failure.
type kconfigError struct{ message backend.Message }

func (k *kconfig) fail(errno syscall.Errno, v *Kconfig, format string, args ...any) *kconfigError {
	k.errno = errno
	return &kconfigError{backend.NoKconfig(v.Name, format, args...)}
}

func (k *kconfig) fill(lines string) *kconfigError {
	needFile := false
	for i := range k.list {
		v := &k.list[i]
		if strings.HasPrefix(v.Name, "CONFIG_") {
			needFile = true
			continue
		}
		value, ok := linuxVariable(v.Name)
		if !ok {
			if strings.HasPrefix(v.Name, "LINUX_") && v.Weak {
				k.set[i] = true // to 0
				continue
			}
			return k.fail(syscall.EINVAL, v, "unrecognized virtual extern")
		}
		if err := k.setNumber(i, value); err != nil {
			return err
		}
	}
	if needFile && lines != "" {
		if err := k.read(strings.NewReader(lines)); err != nil {
			return err
		}
	}
	if needFile && !k.complete() {
		f, err := k.open(kernel().release)
		if err != nil {
			k.errno = syscall.ENOENT
			return &kconfigError{backend.Message{Text: "failed to open system Kconfig"}}
		}
		defer f.Close()
		if err := k.read(f); err != nil {
			return err
		}
	}
	for i := range k.list {
		if v := &k.list[i]; !k.set[i] && !v.Weak && strings.HasPrefix(v.Name, "CONFIG_") {
			return k.fail(syscall.ESRCH, v, "not found in the kernel's configuration")
		}
	}
	return nil
}

func (k *kconfig) complete() bool {
	for _, set := range k.set {
		if !set {
			return false
		}
	}
	return true
}

// read takes lines such as CONFIG_HZ=1000.
func (k *kconfig) read(r io.Reader) *kconfigError {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), "=")
		if !strings.HasPrefix(name, "CONFIG_") {
			continue
		}
		if !ok || value == "" {
			k.errno = syscall.EINVAL
			return &kconfigError{backend.Message{Text: fmt.Sprintf("failed to parse '%s': no value", lines.Text())}}
		}
		for i := range k.list {
			if k.list[i].Name != name || k.set[i] {
				continue
			}
			if err := k.setValue(i, value); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		k.errno = syscall.EIO
		return &kconfigError{backend.Message{Text: fmt.Sprintf("failed to read system Kconfig: %v", err)}}
	}
	return nil
}

// setValue sets a variable to a value as the configuration prints it.
func (k *kconfig) setValue(i int, value string) *kconfigError {
	v := &k.list[i]
	switch {
	case value[0] == 'y' || value[0] == 'n' || value[0] == 'm':
		return k.setTristate(i, value[0])
	case value[0] == '"':
		return k.setText(i, value)
	}
	n, err := strconv.ParseUint(value, 0, 64)
	if negative, err2 := strconv.ParseInt(value, 0, 64); err != nil && err2 == nil {
		n, err = uint64(negative), nil
	}
	switch {
	case err != nil:
		return k.fail(syscall.EINVAL, v, "value '%s' isn't a valid integer", value)
	case v.Kind != KconfigInt && v.Kind != KconfigChar:
		return k.fail(syscall.EINVAL, v, "value '%s' implies integer type", value)
	}
	return k.setNumber(i, n)
}

// The values of enum libbpf_tristate.
var tristate = map[byte]uint64{'n': 0, 'y': 1, 'm': 2}

func (k *kconfig) setTristate(i int, value byte) *kconfigError {
	v := &k.list[i]
	switch {
	case v.Kind == KconfigBool && value != 'm', v.Kind == KconfigTristate:
		return k.store(i, tristate[value])
	case v.Kind == KconfigChar:
		return k.store(i, uint64(value))
	case v.Kind == KconfigBool:
		return k.fail(syscall.EINVAL, v, "value '%c' implies tristate or char type", value)
	}
	return k.fail(syscall.EINVAL, v, "value '%c' implies bool, tristate, or char type", value)
}

func (k *kconfig) setText(i int, value string) *kconfigError {
	v := &k.list[i]
	field := k.field(v)
	switch {
	case v.Kind != KconfigString:
		return k.fail(syscall.EINVAL, v, "value '%s' implies char array type", value)
	case len(value) < 2 || value[len(value)-1] != '"':
		return k.fail(syscall.EINVAL, v, "invalid string config '%s'", value)
	case len(field) == 0:
		return k.fail(syscall.EINVAL, v, "the section does not have it")
	}
	clear(field)
	copy(field[:len(field)-1], value[1:len(value)-1])
	k.set[i] = true
	return nil
}

func (k *kconfig) setNumber(i int, n uint64) *kconfigError {
	v := &k.list[i]
	bits := 8 * v.Size
	switch {
	case v.Kind == KconfigTristate || v.Kind == KconfigString:
		return k.fail(syscall.EINVAL, v, "value '%d' implies integer, char, or boolean type", n)
	case v.Kind == KconfigBool && n > 1:
		return k.fail(syscall.EINVAL, v, "value '%d' isn't boolean compatible", n)
	case bits < 64 && (v.Signed && n+1<<(bits-1) >= 1<<bits || !v.Signed && n>>bits != 0):
		return k.fail(syscall.ERANGE, v, "value '%d' doesn't fit in %d bytes", n, v.Size)
	}
	return k.store(i, n)
}

func (k *kconfig) store(i int, n uint64) *kconfigError {
	v := &k.list[i]
	field := k.field(v)
	switch len(field) {
	case 1, 2, 4, 8:
	default:
		return k.fail(syscall.EINVAL, v, "the section does not have it")
	}
	writeWord(field, n)
	k.set[i] = true
	return nil
}

// field is a variable's bytes, nil if the section does not have them.
func (k *kconfig) field(v *Kconfig) []byte {
	if uint64(v.Offset)+uint64(v.Size) > uint64(len(k.image)) {
		return nil
	}
	return k.image[v.Offset:][:v.Size]
}

// linuxVariable returns the value of a variable that does not come from the configuration.
func linuxVariable(name string) (value uint64, ok bool) {
	switch name {
	case "LINUX_KERNEL_VERSION":
		return uint64(kernelVersion()), true
	case "LINUX_HAS_BPF_COOKIE":
		return boolean(kernelVersion() >= version(5, 15, 0)), true
	case "LINUX_HAS_SYSCALL_WRAPPER":
		return boolean(hasSyscallWrapper()), true
	}
	return 0, false
}

func boolean(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// version is KERNEL_VERSION of C.
func version(major, minor, patch uint32) uint32 { return major<<16 | minor<<8 | min(patch, 255) }

// uname is what uname(2) says of the kernel.
type uname struct{ release, version string }

func kernel() uname {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return uname{}
	}
	return uname{unix.ByteSliceToString(u.Release[:]), unix.ByteSliceToString(u.Version[:])}
}

// kernelVersion is the version that programs are told. The releases of Ubuntu and Debian do
// not name the kernel's third number.
func kernelVersion() uint32 {
	if signature, err := os.ReadFile("/proc/version_signature"); err == nil {
		if fields := strings.Fields(string(signature)); len(fields) == 3 {
			if v := parseVersion(fields[2]); v != 0 {
				return v
			}
		}
	}
	u := kernel()
	if _, debian, ok := strings.Cut(u.version, "Debian "); ok {
		if v := parseVersion(debian); v != 0 {
			return v
		}
	}
	return parseVersion(u.release)
}

// parseVersion reads three numbers at the start of s; 0 if there are none.
func parseVersion(s string) uint32 {
	var v [3]uint32
	for i := range v {
		end := 0
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		n, err := strconv.ParseUint(s[:end], 10, 32)
		if err != nil || i < 2 && (end == len(s) || s[end] != '.') {
			return 0
		}
		v[i] = uint32(n)
		s = s[min(end+1, len(s)):]
	}
	return version(v[0], v[1], v[2])
}

// hasSyscallWrapper reports whether functions of system calls have names with the
// architecture.
func hasSyscallWrapper() bool {
	prefix := syscallPrefix()
	return prefix != "" && probeWrapper(prefix)
}
