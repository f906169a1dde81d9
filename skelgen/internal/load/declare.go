package load

import (
	"fmt"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// declare has btf_dump print the C declarations that the emitters need. A printer
// renames the second type with the same name ("x___2"), so its output depends on the
// types that it printed before. To print the same names as bpftool's skeletons, each
// purpose has a separate printer, and asks for types in bpftool's order.
func declare(obj *model.Object, btf *libbpf.BTF, opts Options) error {
	steps := []func(*model.Object, *libbpf.Dump) error{sectionDecls, fullDecls}
	if opts.Subskeleton {
		steps[0] = sectionTypeDecls
	}
	if opts.Members {
		steps = append(steps, memberDecls)
	}
	for _, step := range steps {
		if err := withDump(btf, func(d *libbpf.Dump) error { return step(obj, d) }); err != nil {
			return err
		}
	}
	for i := range obj.Maps {
		m := &obj.Maps[i]
		if m.Type != uapi.MapTypeStructOps {
			continue
		}
		if err := withDump(btf, func(d *libbpf.Dump) error { return shadowMembers(obj, m, d) }); err != nil {
			return fmt.Errorf("struct_ops map %s: %w", m.Name, err)
		}
	}
	return nil
}

func withDump(btf *libbpf.BTF, use func(*libbpf.Dump) error) error {
	d, err := btf.NewDump()
	if err != nil {
		return err
	}
	defer d.Close()
	return use(d)
}

// eachSectionVar visits the variables of every mapped section, as bpftool does.
func eachSectionVar(obj *model.Object, visit func(sec *model.Type, v *model.SecVar, variable *model.Type) error) error {
	for i := range obj.Maps {
		name, ok := ident.SectionC(&obj.Maps[i])
		if !ok {
			continue
		}
		sec, ok := ident.Datasec(obj.Types, name)
		if !ok {
			continue
		}
		for j := range sec.Vars {
			v := &sec.Vars[j]
			variable := obj.Types.At(v.Type)
			if variable.Kind != model.KindVar {
				return fmt.Errorf("section %s: BTF type %d is not a variable", sec.Name, v.Type)
			}
			if err := visit(sec, v, variable); err != nil {
				return fmt.Errorf("section %s, variable %s: %w", sec.Name, variable.Name, err)
			}
		}
	}
	return nil
}

func sectionDecls(obj *model.Object, d *libbpf.Dump) error {
	return eachSectionVar(obj, func(sec *model.Type, v *model.SecVar, variable *model.Type) (err error) {
		v.Align = obj.Types.At(variable.Elem).Align
		if variable.Linkage == model.LinkageStatic {
			return nil
		}
		v.Decl, err = d.Decl(uint32(variable.Elem), ident.VarC(variable.Name), 2, sec.Name != ".kconfig")
		return err
	})
}

func sectionTypeDecls(obj *model.Object, d *libbpf.Dump) error {
	return eachSectionVar(obj, func(sec *model.Type, v *model.SecVar, variable *model.Type) (err error) {
		if variable.Linkage == model.LinkageStatic {
			return nil
		}
		v.TypeDecl, err = d.Decl(uint32(variable.Elem), "", 2, sec.Name != ".kconfig")
		return err
	})
}

func fullDecls(obj *model.Object, d *libbpf.Dump) error {
	for i := range obj.Types {
		sec := &obj.Types[i]
		if sec.Kind != model.KindDatasec || sec.Name == ".maps" {
			continue
		}
		_, data := ident.DatasecC(sec.Name)
		for j := range sec.Vars {
			variable := obj.Types.At(sec.Vars[j].Type)
			if variable.Kind != model.KindVar {
				continue
			}
			var err error
			sec.Vars[j].FullDecl, err = d.Decl(uint32(variable.Elem), variable.Name, 0, false)
			if err != nil && data { // the license and the like are only in the report
				return fmt.Errorf("section %s, variable %s: %w", sec.Name, variable.Name, err)
			}
		}
	}
	return nil
}

func memberDecls(obj *model.Object, d *libbpf.Dump) error {
	for i := range obj.Types {
		t := &obj.Types[i]
		for j := range t.Members {
			m := &t.Members[j]
			if m.Name == "" {
				continue
			}
			var err error
			if m.Decl, err = d.Decl(uint32(m.Type), m.Name, 0, false); err != nil {
				return fmt.Errorf("%s, member %s: %w", t.Name, m.Name, err)
			}
		}
	}
	return nil
}

// shadowMembers lists the members of a struct_ops map's struct as user space sees them:
// scalars by value, function pointers as programs, anything else as bytes.
func shadowMembers(obj *model.Object, m *model.Map, d *libbpf.Dump) error {
	t := obj.Types.At(obj.Types.Skip(m.ValueType, true))
	if t.Kind != model.KindStruct {
		return fmt.Errorf("its type is not in the object's BTF")
	}
	for _, member := range t.Members {
		s := model.ShadowMember{Member: member, Kind: model.ShadowUnsupported}
		id := obj.Types.Skip(member.Type, true)
		switch mt := obj.Types.At(id); mt.Kind {
		case model.KindInt, model.KindFloat, model.KindEnum, model.KindEnum64:
			decl, err := d.Decl(uint32(id), member.Name, 3, false)
			if err != nil {
				return fmt.Errorf("member %s: %w", member.Name, err)
			}
			s.Kind, s.Scalar, s.ScalarDecl, s.Size = model.ShadowScalar, id, decl, mt.Size
		case model.KindPtr:
			if obj.Types.At(obj.Types.Skip(mt.Elem, true)).Kind == model.KindFuncProto {
				s.Kind = model.ShadowFunc
			}
		}
		m.Shadow = append(m.Shadow, s)
	}
	return nil
}
