// Package cheader renders a model as the C header of a libbpf skeleton: the text of
// "bpftool gen skeleton" with another banner, macros that hide the program's own
// types (SKEL_OPAQUE_DATA) or everything except the object's bytes
// (SKEL_ELF_BYTES_ONLY), and guards that let one header serve libbpf 1.1 and
// later.
//
// A header is made of parts, one function each, in the order of the text. The
// fixed text is in text.go; text that depends on the object is beside the function
// that fills it in. Names must have passed ident.CheckC.
package cheader

import (
	"errors"

	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Skeleton returns the header of an object that the skeleton owns.
func Skeleton(obj *model.Object) ([]byte, error) {
	h := newHeader(obj, len(obj.Bytes)*embedFactor)
	h.text(skelHead, "NAME", obj.Name, "GUARD", ident.GuardC(obj.Name, "SKEL_H"))
	h.members()
	h.links()
	h.skelSections()
	h.text(skelLifecycle, "NAME", obj.Name)
	h.shadowInit()
	h.text(skelOpen, "NAME", obj.Name)
	h.mapTable(forSkeleton)
	h.programTable(forSkeleton)
	h.text(skelData, "NAME", obj.Name)
	h.embed(obj.Bytes)
	h.text(skelMethods, "NAME", obj.Name)
	h.asserts()
	h.line("#endif")
	h.generation()
	h.text(tail, "GUARD", ident.GuardC(obj.Name, "SKEL_H"))
	return h.bytes()
}

// Subskeleton returns the header through which a library reaches its own part
// of an object that others own. The object must have been opened under an
// empty name, so that its data maps have the names of their sections.
func Subskeleton(obj *model.Object) ([]byte, error) {
	if !obj.HasBTF {
		return nil, errors.New("a subskeleton needs BTF: compile with -g")
	}
	h := newHeader(obj, 0)
	h.text(subHead, "NAME", obj.Name, "GUARD", ident.GuardC(obj.Name, "SUBSKEL_H"))
	h.members()
	h.subSections()
	h.text(subLifecycle, "NAME", obj.Name)
	h.variableTable()
	h.mapTable(forSubskeleton)
	h.programTable(forSubskeleton)
	h.text(subOpen)
	h.shadowInit()
	h.text(subMethods, "NAME", obj.Name)
	h.text(tail, "GUARD", ident.GuardC(obj.Name, "SUBSKEL_H"))
	return h.bytes()
}
