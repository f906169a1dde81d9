package gopkg

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/bpfskel/bpfskel/internal/mapkind"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Skel renders the skeleton itself, the types OpenSkel and Skel, for every system.
// Which back end it has is said by two more files, of which a build has one.
func Skel(pkgName string, obj *model.Object, p *gotype.Package) ([]byte, error) {
	return newSkeleton(pkgName, obj, p).render(skelTemplate)
}

// Libbpf renders the back end of builds with libbpf: the cgo wrapper of the C header,
// which it includes as headerFile. buildTag is a constraint of all of the package's
// files, "" for none.
func Libbpf(pkgName string, obj *model.Object, p *gotype.Package, headerFile, buildTag string) ([]byte, error) {
	s := newSkeleton(pkgName, obj, p)
	s.Header, s.Constraint = headerFile, both(s.libbpf(buildTag), buildTag)
	return s.render(libbpfTemplate)
}

// NoLibbpf renders what other builds have instead, so that Open returns an error that
// says why.
func NoLibbpf(pkgName string, obj *model.Object, p *gotype.Package, buildTag string) ([]byte, error) {
	s := newSkeleton(pkgName, obj, p)
	s.Constraint = both("!("+s.libbpf(buildTag)+")", buildTag)
	return s.render(noLibbpfTemplate)
}

// libbpf is the constraint of builds that have libbpf and can use the object.
func (s *skeleton) libbpf(buildTag string) string {
	archs := strings.Join(s.Archs, " || ")
	switch {
	case buildTag != "" || archs == "":
		return "linux && cgo"
	case len(s.Archs) > 1:
		archs = "(" + archs + ")"
	}
	return "linux && cgo && " + archs
}

func both(a, b string) string {
	if b == "" {
		return a
	}
	return a + " && " + b
}

// skeleton is what the template shows.
type skeleton struct {
	Package, Constraint string
	File, C             string // the object's file, and its C name
	Header              string // of C
	Generation          string // "" where there is none to compare
	GenerationC         string // the header's macro for it
	Maps                []skelMap
	Progs               []skelProg
	Links               []skelLink
	Archs               []string // that the object is for, nil for all
	BigEndian           bool
	Sections            []skelSection
	Shadows             []skelSection
}

// Index is that in the C skeleton's arrays, which libbpf fills in.
type (
	skelMap struct {
		Index   int
		Name, C string
		Type    string // of the loaded map in package skel: "Map[Key, uint64]"
		Doc     string
		Memory  bool // libbpf maps its data
		Link    bool // libbpf attaches it
	}
	skelProg struct {
		Index   int
		Name, C string
		Doc     string
	}
	skelLink struct {
		Index int
		Name  string
		Make  string // what makes it, in package skelrt
	}
	skelSection struct {
		Index      int
		Bytes      int // its size in the object
		Name, Type string
		View       string // "" where it can be written after load
		Kconfig    bool   // filled in by load
		Arena      bool
		C          string
	}
)

func newSkeleton(pkgName string, obj *model.Object, p *gotype.Package) *skeleton {
	s := &skeleton{
		Package: pkgName, File: obj.File, C: obj.Name,
		Generation: obj.Generation, GenerationC: ident.GenerationC(obj.Name),
		Archs: obj.Archs(), BigEndian: obj.BigEndian,
	}
	index := skelIndex(obj)
	progs, links := p.LinkFields()
	for i, name := range p.MapFields() {
		if index[i] < 0 {
			continue
		}
		m := &obj.Maps[i]
		_, memory := ident.SectionC(m)
		s.Maps = append(s.Maps, skelMap{
			Index: index[i], Name: name, C: m.Name, Type: mapType(m, p), Doc: mapDoc(m, p),
			Memory: memory, Link: m.Type == uapi.MapTypeStructOps,
		})
	}
	for i, name := range progs {
		prog := &obj.Programs[i]
		s.Progs = append(s.Progs, skelProg{i, name, prog.Name, fmt.Sprintf("SEC(%q) %s", prog.Section, prog.Name)})
		s.Links = append(s.Links, skelLink{i, name, "Link"})
	}
	for i, name := range links {
		if name != "" && index[i] >= 0 {
			s.Links = append(s.Links, skelLink{index[i], name, "MapLink"})
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

// skelIndex maps the object's maps to their places in the skeleton, which leaves
// out those that have no identifier; -1 for these.
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
func mapType(m *model.Map, p *gotype.Package) string {
	t := mapkind.Of(m.Type)
	if m.Internal || t.Key && m.KeySize == 0 || t.Value && m.ValueSize == 0 {
		return "RawMap"
	}
	var parameters []string
	if t.Key {
		parameters = append(parameters, p.Expr(m.KeyType, m.KeySize))
	}
	if t.Value {
		parameters = append(parameters, p.Expr(m.ValueType, m.ValueSize))
	}
	if parameters == nil {
		return t.Name
	}
	return t.Name + "[" + strings.Join(parameters, ", ") + "]"
}

func mapDoc(m *model.Map, p *gotype.Package) string {
	if m.Internal {
		return "section " + m.Name
	}
	doc := fmt.Sprintf("%s %s, max_entries %d", m.Type, m.Name, m.MaxEntries)
	if m.HasRecordType() && m.ValueType != 0 {
		doc += ", records of " + p.Doc(m.ValueType)
	}
	return doc
}

// Memory are the sections and shadows whose layout is checked when they open.
func (s *skeleton) Memory() []skelSection { return slices.Concat(s.Sections, s.Shadows) }

func (s *skeleton) render(t *template.Template) ([]byte, error) {
	var out bytes.Buffer
	if err := t.Execute(&out, s); err != nil {
		return nil, err
	}
	return typesFormat(out.Bytes())
}

var (
	skelTemplate     = escaped("skel", skelText)
	libbpfTemplate   = escaped("libbpf", libbpfText)
	noLibbpfTemplate = escaped("nolibbpf", noLibbpfText)
)
