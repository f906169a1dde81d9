package load

import (
	"math"
	"math/bits"
	"slices"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// smallestPage is the page size in bytes for which sizes of ring buffers are rounded. A
// machine with larger pages rounds again, to the same size as libbpf there.
const smallestPage = 4096

// entries returns max_entries of map i and of its template, as libbpf has them on a
// machine with small pages.
func (l *lighter) entries(i int) (entries, inner uint32) {
	m := &l.obj.Maps[i]
	entries = m.MaxEntries
	if m.Inner != nil {
		inner = m.Inner.MaxEntries
	}
	sec, _ := datasec(l.obj.Types, ".maps")
	at := slices.IndexFunc(sec.Vars, func(v model.SecVar) bool { return l.obj.Types.At(v.Type).Name == m.Name })
	if at < 0 || m.Internal {
		return entries, inner
	}
	def := l.at(l.obj.Types.At(sec.Vars[at].Type).Elem)
	if n, ok := l.declared(def); ok && isRing(m) {
		entries = roundRing(n)
	}
	if m.Inner != nil && isRing(m.Inner) {
		if n, ok := l.declared(l.template(def)); ok {
			inner = roundRing(n)
		}
	}
	return entries, inner
}

func isRing(m *model.Map) bool {
	return m.Type == uapi.MapTypeRingBuf || m.Type == uapi.MapTypeUserRingBuf
}

func (l *lighter) at(id model.TypeID) *model.Type {
	return l.obj.Types.At(l.obj.Types.Skip(id, true))
}

// declared returns __uint(max_entries, N) of a map's definition: a pointer to an array
// of N.
func (l *lighter) declared(def *model.Type) (n uint32, ok bool) {
	for _, m := range def.Members {
		if m.Name != "max_entries" {
			continue
		}
		if array := l.at(l.at(m.Type).Elem); array.Kind == model.KindArray && array.Len >= 0 {
			return uint32(array.Len), true
		}
	}
	return 0, false
}

// template returns the definition in __array(values, struct ...) of a map of maps: an
// array of pointers to it.
func (l *lighter) template(def *model.Type) *model.Type {
	for _, m := range def.Members {
		if m.Name == "values" {
			return l.at(l.at(l.at(m.Type).Elem).Elem)
		}
	}
	return &model.Type{}
}

// roundRing returns the size to which libbpf (adjust_ringbuf_sz) rounds a ring buffer on
// a machine with small pages: a power of 2 of pages.
func roundRing(size uint32) uint32 {
	if size == 0 || size >= smallestPage && bits.OnesCount32(size) == 1 {
		return size
	}
	if size >= 1<<31 {
		return size // libbpf finds none
	}
	return max(smallestPage, uint32(1)<<bits.Len32(size))
}

func isKconfig(obj *model.Object, m *model.Map) bool {
	return m.Internal && obj.Types.At(m.ValueType).Name == ".kconfig"
}

// kconfigVars describes the variables of section .kconfig, by offset, as libbpf
// (find_kcfg_type) has them.
func kconfigVars(obj *model.Object, weak map[string]bool) (out []model.KconfigVar) {
	sec, _ := datasec(obj.Types, ".kconfig")
	for _, v := range sec.Vars {
		variable := obj.Types.At(v.Type)
		size, ok := obj.Types.SizeOf(v.Type)
		if !ok || size > math.MaxInt32 {
			continue // libbpf refuses the object
		}
		k := model.KconfigVar{Name: variable.Name, Offset: v.Offset, Size: size, Weak: weak[variable.Name]}
		switch t := obj.Types.At(obj.Types.Skip(variable.Elem, true)); {
		case t.Kind == model.KindArray:
			k.Kind = model.KconfigString
		case t.Kind == model.KindEnum || t.Kind == model.KindEnum64:
			k.Kind = model.KconfigTristate
		case t.Bool:
			k.Kind = model.KconfigBool
		case size == 1:
			k.Kind, k.Signed = model.KconfigChar, t.Signed
		default:
			k.Kind, k.Signed = model.KconfigInt, t.Signed
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b model.KconfigVar) int { return a.Offset - b.Offset })
	return out
}

// neutralKconfig sets every variable of the kernel's configuration, so that libbpf does
// not read that of this machine.
func neutralKconfig(vars []model.KconfigVar) string {
	var b strings.Builder
	for _, v := range vars {
		if !strings.HasPrefix(v.Name, "CONFIG_") {
			continue // libbpf makes it up
		}
		value := "n"
		switch v.Kind {
		case model.KconfigInt:
			value = "0"
		case model.KconfigString:
			value = `""`
		}
		b.WriteString(v.Name + "=" + value + "\n")
	}
	return b.String()
}
