package gopkg

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/gotype"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Light renders the back end of builds without libbpf: it embeds the loader, which is
// file, as lightFile beside its Go files, and describes the object to package light.
func Light(pkgName string, obj *model.Object, p *gotype.Package, loader *model.Light, lightFile string, file []byte, buildTag string) ([]byte, error) {
	s := newSkeleton(pkgName, obj, p)
	s.Object, s.CRC = lightFile, crc(file)
	s.Constraint = andConstraint(s.with("linux && (!cgo || bpfskel_light)", buildTag), buildTag)
	s.Light, s.Needs = lightParts(obj, loader), lightNeeds(obj, loader)
	s.Light.Kprobes = slices.ContainsFunc(obj.Programs, hasSectionOf(kprobeSections))
	s.Light.Uprobes = slices.ContainsFunc(obj.Programs, hasSectionOf(uprobeSections))
	order := binary.ByteOrder(binary.LittleEndian)
	if obj.BigEndian {
		order = binary.BigEndian
	}
	s.Light.Types, s.Light.Symbols = calls(loader.Insns, order, helperFindType), calls(loader.Insns, order, helperFindSymbol)
	return s.render(lightTemplate)
}

func crc(data []byte) string { return fmt.Sprintf("0x%08x", crc32.ChecksumIEEE(data)) }

// literals are the elements of a light.Object, as Go composite literals.
type literals struct {
	Maps, Programs, Kconfig []fieldList
	Strong                  []string
	// What the object needs of package light.
	Kprobes, Uprobes, Types, Symbols bool
}

// Kinds of section that name functions of the kernel or of files.
var (
	kprobeSections = []string{"kprobe", "kretprobe", "ksyscall", "kretsyscall", "kprobe.multi", "kretprobe.multi", "kprobe.session"}
	uprobeSections = []string{
		"uprobe", "uprobe.s", "uretprobe", "uretprobe.s", "uprobe.multi", "uprobe.multi.s", "uretprobe.multi", "uretprobe.multi.s",
		"uprobe.session", "uprobe.session.s",
	}
)

func hasSectionOf(kinds []string) func(model.Program) bool {
	return func(p model.Program) bool {
		kind, _, _ := strings.Cut(strings.TrimPrefix(p.Section, "?"), "/")
		return slices.Contains(kinds, kind)
	}
}

// Helper functions that a loader calls to look something up in the kernel.
const (
	helperFindType   = 167 // bpf_btf_find_by_name_kind
	helperFindSymbol = 179 // bpf_kallsyms_lookup_name
)

// calls reports whether a program calls a helper function.
func calls(insns []byte, order binary.ByteOrder, helper uint32) bool {
	const call, size = 0x85, 8
	for ; len(insns) >= size; insns = insns[size:] {
		if insns[0] == call && order.Uint32(insns[4:]) == helper {
			return true
		}
	}
	return false
}

func lightParts(obj *model.Object, loader *model.Light) (out literals) {
	for i := range obj.Maps {
		out.Maps = append(out.Maps, lightMap(obj, &obj.Maps[i], &loader.Maps[i]))
	}
	for i := range obj.Programs {
		p, l := &obj.Programs[i], &loader.Programs[i]
		var f fieldList
		f.text("Name", p.Name)
		f.text("Section", strings.TrimPrefix(p.Section, "?"))
		f.enum("Type", uint64(p.Type), p.Type)
		f.enum("AttachType", uint64(p.AttachType), p.AttachType)
		f.enum("Flags", uint64(p.Flags), p.Flags)
		f.flag("NoAutoload", !p.Autoload)
		f.flag("NotInLoader", l.NotInLoader)
		f.text("Target", l.Target)
		out.Programs = append(out.Programs, f)
	}
	kinds := []string{"Bool", "Tristate", "Char", "Int", "String"}
	for _, k := range loader.Kconfig {
		var f fieldList
		f.text("Name", k.Name)
		f.add("Kind", "light.Kconfig"+kinds[k.Kind])
		f.number("Offset", uint64(k.Offset))
		f.number("Size", uint64(k.Size))
		f.flag("Signed", k.Signed)
		f.flag("Weak", k.Weak)
		out.Kconfig = append(out.Kconfig, f)
	}
	out.Strong = loader.StrongSymbols
	return out
}

func lightMap(obj *model.Object, m *model.Map, l *model.LightMap) (f fieldList) {
	f.mapShape(m, l.MaxEntries)
	f.flag("PinByName", m.PinPath != "")
	if m.Internal {
		f.add("Section", "light."+lightSection(obj, m))
	}
	f.number("Image", uint64(l.Image))
	f.number("ImageSize", uint64(l.ImageSize))
	if m.Inner != nil {
		var inner fieldList
		inner.mapShape(m.Inner, l.InnerEntries)
		f.add("Inner", "&light.Map"+inner.braces())
	}
	if len(l.Slots) > 0 {
		var slots []string
		for _, s := range l.Slots {
			slots = append(slots, fmt.Sprintf("{Key: %d, Program: %d /* %s */}", s.Key, s.Program, comment(obj.Programs[s.Program].Name)))
		}
		f.add("Slots", "[]light.Slot{"+strings.Join(slots, ", ")+"}")
	}
	return f
}

func lightSection(obj *model.Object, m *model.Map) string {
	switch {
	case obj.Types.At(m.ValueType).Name == ".kconfig":
		return "SectionKconfig"
	case m.Flags&uapi.MapFlagReadOnlyProg != 0:
		return "SectionRodata"
	}
	return "SectionData"
}

// fieldList is the inside of a composite literal, without fields that are zero.
type fieldList struct{ fields []string }

func (f *fieldList) mapShape(m *model.Map, entries uint32) {
	f.text("Name", m.Name)
	f.enum("Type", uint64(m.Type), m.Type)
	f.number("KeySize", uint64(m.KeySize))
	f.number("ValueSize", uint64(m.ValueSize))
	f.number("MaxEntries", uint64(entries))
	f.enum("Flags", uint64(m.Flags), m.Flags)
	f.number("NUMANode", uint64(m.NUMANode))
	f.number("Extra", m.Extra)
	f.number("KeyType", uint64(m.KeyType))
	f.number("ValueType", uint64(m.ValueType))
}

func (f *fieldList) add(name, value string) { f.fields = append(f.fields, name+": "+value) }

func (f *fieldList) text(name, value string) {
	if value != "" {
		f.add(name, strconv.QuoteToASCII(value))
	}
}

func (f *fieldList) number(name string, value uint64) {
	if value != 0 {
		f.add(name, strconv.FormatUint(value, 10))
	}
}

// enum adds one of the kernel's numbers, with its name.
func (f *fieldList) enum(name string, value uint64, meaning fmt.Stringer) {
	if value != 0 {
		f.add(name, fmt.Sprintf("%#x /* %s */", value, comment(meaning.String())))
	}
}

func (f *fieldList) flag(name string, on bool) {
	if on {
		f.add(name, "true")
	}
}

func (f *fieldList) braces() string { return "{" + strings.Join(f.fields, ", ") + "}" }

// String is what the template prints.
func (f fieldList) String() string { return f.braces() }

// comment makes a text one that does not end the comment that it is in.
func comment(text string) string { return strings.ReplaceAll(ident.Printable(text), "*/", "* /") }

// netPrograms are the types of program for which the kernel wants CAP_NET_ADMIN.
var netPrograms = []uapi.ProgType{
	uapi.ProgTypeSchedCls, uapi.ProgTypeSchedAct, uapi.ProgTypeXDP,
	uapi.ProgTypeLWTIn, uapi.ProgTypeLWTOut, uapi.ProgTypeLWTXmit, uapi.ProgTypeLWTSeg6Local,
	uapi.ProgTypeSkSkb, uapi.ProgTypeSkMsg, uapi.ProgTypeFlowDissector, uapi.ProgTypeLIRCMode2,
	uapi.ProgTypeCgroupDevice, uapi.ProgTypeCgroupSock, uapi.ProgTypeCgroupSockAddr,
	uapi.ProgTypeCgroupSockOpt, uapi.ProgTypeCgroupSysctl, uapi.ProgTypeSockOps, uapi.ProgTypeNetfilter,
}

// lightNeeds says, in lines of a comment, what a program without libbpf needs.
func lightNeeds(obj *model.Object, loader *model.Light) []string {
	lines := []string{
		"Without cgo, and with the build tag bpfskel_light, this package loads its object",
		"without libbpf. That needs Linux 6.1 or newer, with BTF of the kernel, and these",
		"capabilities: CAP_BPF, CAP_PERFMON",
	}
	last := &lines[len(lines)-1]
	if slices.ContainsFunc(obj.Programs, func(p model.Program) bool { return slices.Contains(netPrograms, p.Type) }) {
		*last += ", CAP_NET_ADMIN (networking programs)"
	}
	if len(loader.Typeless) > 0 {
		lines = append(lines, "and CAP_SYSLOG (addresses of kernel symbols)")
		last = &lines[len(lines)-1]
	}
	*last += "."
	if slices.ContainsFunc(obj.Programs, func(p model.Program) bool {
		return strings.HasPrefix(strings.TrimPrefix(p.Section, "?"), "usdt")
	}) {
		lines = append(lines, "USDT programs are loaded, but only libbpf can attach them.")
	}
	return lines
}

//go:embed light.go.tmpl
var lightText string

var lightTemplate = parseEscaped("light", lightText)
