// Package gopkg renders the Go files of a generated package: the types, the skeleton's
// API, and the back ends. The model and gotype have made every decision before; this
// package only writes text, and escapes text from the object.
package gopkg

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/bpfskel/bpfskel/internal/mapkind"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// RunTime is the version of the run time that generated code is made for: package skelrt
// lists the versions that it works with. Raise both when generated code calls the run
// time in a new way, or when old and new files do not work together.
const RunTime = 1

// Skel renders the skeleton itself, the types OpenSkel and Skel, for every system. Two
// more files choose the back end; a build has one of them.
func Skel(pkgName string, obj *model.Object, p *gotype.Package) ([]byte, error) {
	return newSkeleton(pkgName, obj, p).render(skelTemplate)
}

// Libbpf renders the back end of builds with libbpf: the cgo wrapper of the C header,
// which it includes as headerFile. buildTag is a constraint of all files of the package,
// or "". A light package has another back end too.
func Libbpf(pkgName string, obj *model.Object, p *gotype.Package, headerFile, buildTag string, light bool) ([]byte, error) {
	s := newSkeleton(pkgName, obj, p)
	s.Header, s.Constraint = headerFile, andConstraint(s.libbpf(buildTag, light), buildTag)
	return s.render(libbpfTemplate)
}

// Embedded is like Libbpf, for a package that has no C, and embeds the objectFile beside
// its Go files.
func Embedded(pkgName string, obj *model.Object, p *gotype.Package, objectFile, buildTag string, light bool) ([]byte, error) {
	s := newSkeleton(pkgName, obj, p)
	s.Object, s.CRC = objectFile, crc(obj.Bytes)
	s.Constraint = andConstraint(s.libbpf(buildTag, light), buildTag)
	return s.render(embedTemplate)
}

// NoLibbpf renders the file for other builds, whose Open returns an error with the
// reason.
func NoLibbpf(pkgName string, obj *model.Object, p *gotype.Package, buildTag string, light bool) ([]byte, error) {
	s := newSkeleton(pkgName, obj, p)
	build := s.libbpf(buildTag, false)
	s.Missing = "ErrNoLibbpf"
	if light {
		build, s.Missing = s.with("linux", buildTag), "ErrNotLinux"
	}
	s.Constraint = andConstraint("!("+build+")", buildTag)
	return s.render(noLibbpfTemplate)
}

// libbpf is the constraint of builds that have libbpf and can use the object.
func (s *skeleton) libbpf(buildTag string, light bool) string {
	if light {
		return s.with("linux && cgo && !bpfskel_light", buildTag)
	}
	return s.with("linux && cgo", buildTag)
}

// with adds the architectures of the object to a constraint, unless buildTag is one.
func (s *skeleton) with(constraint, buildTag string) string {
	archs := strings.Join(s.Archs, " || ")
	switch {
	case buildTag != "" || archs == "":
		return constraint
	case len(s.Archs) > 1:
		archs = "(" + archs + ")"
	}
	return constraint + " && " + archs
}

func andConstraint(a, b string) string {
	if b == "" {
		return a
	}
	return a + " && " + b
}

// skeleton holds the values that the templates print.
type skeleton struct {
	Package, Constraint string
	File, C             string // the object's file, and its C name
	Header              string // the C header's file
	Object, CRC         string // the embedded file and its CRC-32
	Light               literals
	Needs               []string // lines of a comment
	Missing             string   // the error of a build without a back end
	RunTime             int
	Generation          string // "" if the files are not compared
	GenerationC         string // the header's macro for it
	Maps                []skelMap
	Progs               []skelProg
	Links               []skelLink
	Archs               []string // the only architectures of the object, nil if it is for all
	BigEndian           bool
	Functions           bool // it has programs that can be attached to functions of files
	Sections            []skelSection
	Shadows             []skelSection
}

// Maps, programs and links are in the order of the C skeleton's arrays, which libbpf
// fills in. Index is the index of a section's map in its array.
type (
	skelMap struct {
		Name, C string
		Type    string // of the loaded map in package skel: "Map[Key, uint64]"
		Doc     string
		Memory  bool // libbpf maps its data
		Link    bool // libbpf attaches it
	}
	skelProg    struct{ Name, C, Doc string }
	skelLink    struct{ Name string }
	skelSection struct {
		Index      int
		Bytes      int // its size in the object
		Name, Type string
		View       string // "" if it can be written after load
		Kconfig    bool   // load fills it in
		Arena      bool
		C          string
	}
)

func newSkeleton(pkgName string, obj *model.Object, p *gotype.Package) *skeleton {
	s := &skeleton{
		Package: pkgName, File: obj.File, C: obj.Name, RunTime: RunTime,
		Generation: obj.Generation, GenerationC: ident.GenerationC(obj.Name),
		Archs: obj.Archs(), BigEndian: obj.BigEndian,
		Functions: slices.ContainsFunc(obj.Programs, func(p model.Program) bool { return p.Type == uapi.ProgTypeKprobe }),
	}
	index := skelIndex(obj)
	for i := range p.Maps {
		if index[i] < 0 {
			continue
		}
		m, types := &obj.Maps[i], &p.Maps[i]
		_, memory := ident.SectionC(m)
		s.Maps = append(s.Maps, skelMap{
			Name: types.Field, C: m.Name, Type: mapType(m, types), Doc: mapDoc(m, types),
			Memory: memory, Link: m.Type == uapi.MapTypeStructOps,
		})
	}
	for i, name := range p.Programs {
		prog := &obj.Programs[i]
		s.Progs = append(s.Progs, skelProg{name, prog.Name, fmt.Sprintf("SEC(%q) %s", prog.Section, prog.Name)})
		s.Links = append(s.Links, skelLink{name})
	}
	for i := range p.Maps {
		if link := p.Maps[i].Link; link != "" && index[i] >= 0 {
			s.Links = append(s.Links, skelLink{link})
		}
	}
	for _, sec := range p.Sections {
		s.Sections = append(s.Sections, skelSection{index[sec.Map], obj.Maps[sec.Map].DataSize, sec.Field, sec.Type, sec.View, sec.Kconfig, sec.Arena, sec.Name})
	}
	for _, sh := range p.Shadows {
		m := &obj.Maps[sh.Map]
		s.Shadows = append(s.Shadows, skelSection{Index: index[sh.Map], Bytes: m.DataSize, Name: sh.Field, Type: sh.Type, C: m.Name})
	}
	return s
}

// skelIndex returns each map's index in the skeleton, or -1 if the skeleton leaves the
// map out because it does not have an identifier.
func skelIndex(obj *model.Object) []int {
	out := make([]int, len(obj.Maps))
	n := 0
	for i := range obj.Maps {
		out[i] = -1
		if _, ok := ident.MapC(obj.Maps[i].Name, obj.Maps[i].Internal); ok {
			out[i] = n
			n++
		}
	}
	return out
}

// mapType is the type of a loaded map in package skel.
func mapType(m *model.Map, types *gotype.Map) string {
	t := mapkind.Of(m.Type)
	if m.Internal || t.Key && m.KeySize == 0 || t.Value && m.ValueSize == 0 {
		return "RawMap"
	}
	var parameters []string
	if t.Key {
		parameters = append(parameters, types.Key)
	}
	if t.Value {
		parameters = append(parameters, types.Value)
	}
	if parameters == nil {
		return t.Name
	}
	return t.Name + "[" + strings.Join(parameters, ", ") + "]"
}

func mapDoc(m *model.Map, types *gotype.Map) string {
	if m.Internal {
		return "section " + m.Name
	}
	doc := fmt.Sprintf("%s %s, max_entries %d", m.Type, m.Name, m.MaxEntries)
	if m.HasRecordType() && m.ValueType != 0 {
		doc += ", records of " + types.CValue
	}
	return doc
}

// ShortProgs reports whether the names of all programs fit on one line.
func (s *skeleton) ShortProgs() bool {
	length := 0
	for _, p := range s.Progs {
		length += len(strconv.QuoteToASCII(p.C)) + len(", ")
	}
	return 0 < length && length <= 70
}

// MapLinks reports whether any map has a link.
func (s *skeleton) MapLinks() bool { return len(s.Links) > len(s.Progs) }

// Memory returns the sections and shadows: Open checks their layout.
func (s *skeleton) Memory() []skelSection { return slices.Concat(s.Sections, s.Shadows) }

func (s *skeleton) render(t *template.Template) ([]byte, error) {
	var out bytes.Buffer
	if err := t.Execute(&out, s); err != nil {
		return nil, err
	}
	return formatSource(out.Bytes())
}

var (
	//go:embed skel.go.tmpl
	skelText string
	//go:embed libbpf.go.tmpl
	libbpfText string
	//go:embed embed.go.tmpl
	embedText string
	//go:embed nolibbpf.go.tmpl
	noLibbpfText string

	skelTemplate     = parseEscaped("skel", skelText)
	libbpfTemplate   = parseEscaped("libbpf", libbpfText)
	embedTemplate    = parseEscaped("embed", embedText)
	noLibbpfTemplate = parseEscaped("nolibbpf", noLibbpfText)
)
