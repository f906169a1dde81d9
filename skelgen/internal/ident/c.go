package ident

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// MaxObjectC is the longest object name that bpftool keeps whole, in bytes.
const MaxObjectC = 63

// maxC is the longest identifier that bpftool's skeletons have, in bytes.
// Longer names of sections and variables are cut.
const maxC = 255

// dataSections are the sections that become members of a skeleton. A new kind
// of section is one row. The order matters: MapC takes the first that occurs.
var dataSections = [...]struct {
	name  string // the section's name or, if ident is empty, its beginning
	ident string // a fixed identifier, of a section whose map has another name
}{
	{name: ".data"},
	{name: ".rodata"},
	{name: ".bss"},
	{name: ".kconfig"},
	{name: ".addr_space.1", ident: arenaC},
}

const arenaC = "arena"

// ObjectC derives a skeleton's name from the name of the object's file: the
// base name without ".o", with "_" for characters that cannot be in an identifier.
func ObjectC(file string) (string, error) {
	base := filepath.Base(file)
	if len(base) > MaxObjectC {
		return "", fmt.Errorf("%s: the file name has more than %d bytes, which is too long for a skeleton's name: set one with --name", base, MaxObjectC)
	}
	name := SanitizeC(strings.TrimSuffix(base, ".o"))
	if err := CheckObjectC(name); err != nil {
		return "", fmt.Errorf("%s: %w: set another with --name", base, err)
	}
	return name, nil
}

// CheckObjectC reports whether a skeleton can be called name.
func CheckObjectC(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the skeleton's name is empty")
	case len(name) > MaxObjectC:
		return fmt.Errorf("the skeleton's name %q has more than %d bytes", name, MaxObjectC)
	case SanitizeC(name) != name || !IsC(name):
		return fmt.Errorf("the skeleton's name %q is not a C identifier", name)
	case KeywordC(name):
		return fmt.Errorf("the skeleton's name %q is a C keyword", name)
	}
	return nil
}

// SanitizeC replaces by "_" each byte that cannot be in a C identifier.
func SanitizeC(name string) string {
	b := []byte(name)
	for i, c := range b {
		if !isAlnum(c) {
			b[i] = '_'
		}
	}
	return string(b)
}

func isAlnum(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// IsC reports whether compilers accept name as an identifier. They also accept "$" and
// letters outside ASCII, which a map's or program's name may contain.
func IsC(name string) bool {
	for i, r := range name {
		switch {
		case '0' <= r && r <= '9' || unicode.IsMark(r):
			if i == 0 {
				return false
			}
		case r < utf8.RuneSelf && (isAlnum(byte(r)) || r == '$'):
		case r >= utf8.RuneSelf && r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)):
		default:
			return false
		}
	}
	return name != ""
}

// MapC returns a map's identifier in a skeleton, and false for an internal map
// that has none. An internal map's name ends in its section's name, but may
// contain another section's name before it (".rodata.data" is "data"): this is
// libbpf's rule for skeletons, which differs from DatasecC's.
func MapC(name string, internal bool) (string, bool) {
	if !internal {
		return truncateC(name), true
	}
	for _, s := range dataSections {
		if i := strings.Index(name, s.name); i >= 0 && s.ident == "" {
			return SanitizeC(truncateC(name[i+1:])), true
		}
	}
	return "", false
}

// DatasecC returns a data section's identifier in a skeleton, and false for a
// section that has none.
func DatasecC(section string) (string, bool) {
	for _, s := range dataSections {
		switch {
		case s.ident != "" && section == s.name:
			return s.ident, true
		case s.ident == "" && strings.HasPrefix(section, s.name):
			return SanitizeC(truncateC(section[1:])), true
		}
	}
	return "", false
}

// VarC returns a global variable's identifier in a skeleton.
func VarC(name string) string {
	return SanitizeC(truncateC(name))
}

func truncateC(name string) string {
	return name[:min(len(name), maxC)]
}

// GuardC returns a header's include guard: GuardC("x_bpf", "SKEL_H") is
// "__X_BPF_SKEL_H__".
func GuardC(name, suffix string) string {
	b := []byte("__" + name + "_" + suffix + "__")
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// GenerationC returns the macro that holds the generation of a header that
// belongs to a Go package: GenerationC("x_bpf") is "X_BPF__GENERATION".
func GenerationC(name string) string { return strings.ToUpper(name) + "__GENERATION" }

// SectionC returns the identifier of the skeleton's pointer to a map's memory,
// and false for a map that user space cannot reach through one.
func SectionC(m *model.Map) (string, bool) {
	if m.Type == uapi.MapTypeArena && m.HasData {
		return arenaC, true
	}
	if !m.Internal || m.Flags&uapi.MapFlagMmapable == 0 {
		return "", false
	}
	return MapC(m.Name, true)
}

// Datasec finds the DATASEC that describes the memory behind the identifier that
// SectionC returned. Memory without a DATASEC has no named variables.
func Datasec(types model.Types, section string) (*model.Type, bool) {
	for i := range types {
		if types[i].Kind != model.KindDatasec {
			continue
		}
		if c, ok := DatasecC(types[i].Name); ok && c == section {
			return &types[i], true
		}
	}
	return nil, false
}
