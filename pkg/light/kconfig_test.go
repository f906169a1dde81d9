//go:build linux

package light

import (
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/bpfskel/bpfskel/pkg/light/kernelconfig"
)

// newKconfig is a section with one variable of 8 bytes.
func newKconfig(v Kconfig) *kconfig {
	image := make([]byte, 8)
	for i := range image {
		image[i] = 0xee // what a value does not cover
	}
	return &kconfig{list: []Kconfig{v}, set: make([]bool, 1), image: image, open: kernelconfig.Open}
}

// The table is what libbpf does with such lines: values, and the errno of what does not fit.
func TestKconfigValues(t *testing.T) {
	for _, c := range []struct {
		kind   KconfigKind
		size   uint32
		signed bool
		value  string
		want   string // the bytes, or the error
	}{
		{KconfigBool, 1, false, "y", "01"},
		{KconfigBool, 1, false, "n", "00"},
		{KconfigBool, 1, false, "m", "invalid argument: value 'm' implies tristate or char type"},
		{KconfigBool, 1, false, "1", "invalid argument: value '1' implies integer type"},
		{KconfigTristate, 4, false, "y", "01000000"},
		{KconfigTristate, 4, false, "m", "02000000"},
		{KconfigTristate, 4, false, "n", "00000000"},
		{KconfigChar, 1, false, "m", "6d"},
		{KconfigChar, 1, false, "7", "07"},
		{KconfigInt, 4, false, "1000", "e8030000"},
		{KconfigInt, 8, false, "0xffffffffffffffff", "ffffffffffffffff"},
		{KconfigInt, 2, false, "65536", "numerical result out of range: value '65536' doesn't fit in 2 bytes"},
		{KconfigInt, 1, true, "-128", "80"},
		{KconfigInt, 1, true, "-129", "numerical result out of range: value '18446744073709551487' doesn't fit in 1 bytes"},
		{KconfigInt, 1, true, "127", "7f"},
		{KconfigInt, 1, true, "128", "numerical result out of range: value '128' doesn't fit in 1 bytes"},
		{KconfigInt, 4, false, "y", "invalid argument: value 'y' implies bool, tristate, or char type"},
		{KconfigInt, 4, false, "12x", "invalid argument: value '12x' isn't a valid integer"},

		{KconfigString, 8, false, `"ab"`, "6162000000000000"},
		{KconfigString, 4, false, `"abcdef"`, "61626300"},
		{KconfigString, 4, false, `"abc`, "invalid argument: invalid string config '\"abc'"},
		{KconfigInt, 4, false, `"abc"`, "invalid argument: value '\"abc\"' implies char array type"},
		{KconfigInt, 3, false, "1", "invalid argument: the section does not have it"},
		{KconfigInt, 16, false, "1", "invalid argument: the section does not have it"},
	} {
		if isBigEndian && c.size > 1 && c.kind != KconfigString {
			continue // the bytes are those of little endian
		}
		k := newKconfig(Kconfig{Name: "CONFIG_X", Kind: c.kind, Size: c.size, Signed: c.signed})
		got := ""
		if err := k.read(strings.NewReader("# CONFIG_X is not set\nCONFIG_OTHER=1\nCONFIG_X=" + c.value + "\nCONFIG_X=99\n")); err != nil {
			got = fmt.Sprintf("%v: %s", k.errno, strings.TrimPrefix(err.message.Text, "extern (kcfg) 'CONFIG_X': "))
		} else {
			got = fmt.Sprintf("%x", k.image[:c.size])
			for _, b := range k.image[c.size:] {
				if b != 0xee {
					t.Errorf("%s: bytes beyond the variable changed: %x", c.value, k.image)
				}
			}
		}
		if got != c.want {
			t.Errorf("kind %d of %d bytes, %q: %s, want %s", c.kind, c.size, c.value, got, c.want)
		}
	}
}

func TestKconfigThatIsNotThere(t *testing.T) {
	strong := newKconfig(Kconfig{Name: "CONFIG_NO_SUCH_THING", Kind: KconfigInt, Size: 4})
	if err := strong.fill(""); err == nil || strong.errno != syscall.ESRCH && strong.errno != syscall.ENOENT {
		t.Errorf("a strong one: %v, %v", err, strong.errno)
	}
	linux := newKconfig(Kconfig{Name: "LINUX_NO_SUCH_THING", Kind: KconfigInt, Size: 4})
	if err := linux.fill(""); err == nil || linux.errno != syscall.EINVAL {
		t.Errorf("a strong one of libbpf's: %v, %v", err, linux.errno)
	}
	weak := newKconfig(Kconfig{Name: "LINUX_NO_SUCH_THING", Kind: KconfigInt, Size: 4, Weak: true})
	if err := weak.fill(""); err != nil {
		t.Errorf("a weak one of libbpf's: %v, %v", err.message.Text, weak.errno)
	}
}

// A line of a configuration has a value, even that of a variable which nobody wants.
func TestKconfigLinesHaveValues(t *testing.T) {
	for line, errno := range map[string]syscall.Errno{
		"CONFIG_OTHER": syscall.EINVAL, "CONFIG_X": syscall.EINVAL, "CONFIG_X=": syscall.EINVAL, "CONFIG_X=1\nCONFIG_X=": syscall.EINVAL,
		"# CONFIG_X": 0, "": 0, "CONFIG_X=1": 0,
	} {
		k := newKconfig(Kconfig{Name: "CONFIG_X", Kind: KconfigInt, Size: 4})
		if err := k.read(strings.NewReader(line)); (err == nil) != (errno == 0) || k.errno != errno {
			t.Errorf("%q: %v, %v", line, err, k.errno)
		}
	}
}

// A weak variable of libbpf's that it does not know does not make the configuration needed.
func TestKconfigIsReadOnlyIfNeeded(t *testing.T) {
	k := &kconfig{
		list: []Kconfig{
			{Name: "CONFIG_X", Kind: KconfigInt, Size: 4},
			{Name: "LINUX_NO_SUCH_THING", Kind: KconfigInt, Size: 4, Offset: 4, Weak: true},
		},
		set: make([]bool, 2), image: make([]byte, 8),
		open: func(string) (io.ReadCloser, error) { return nil, syscall.EIO },
	}
	if err := k.fill("CONFIG_X=7"); err != nil {
		t.Errorf("%v: %v", err.message.Text, k.errno)
	}
}

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]uint32{
		"6.1.0-13-amd64": version(6, 1, 0), "6.18.44-fc-v782": version(6, 18, 44), "7.2.0": version(7, 2, 0), "5.15.300": version(5, 15, 255),
		"6.8.12 (root@host)": version(6, 8, 12), "7": 0, "7.1": 0, "seven": 0, "": 0,
	} {
		if got := parseVersion(text); got != want {
			t.Errorf("%q: %#x, want %#x", text, got, want)
		}
	}
}
