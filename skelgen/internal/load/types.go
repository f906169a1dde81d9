package load

import (
	"fmt"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// readTypes copies a BTF, type by type.
func readTypes(btf *libbpf.BTF) (model.Types, error) {
	out := make(model.Types, btf.Len())
	for id := 1; id < len(out); id++ {
		t, err := btf.Type(uint32(id))
		if err != nil {
			return nil, fmt.Errorf("BTF type %d: %w", id, err)
		}
		m := &out[id]
		*m = model.Type{
			Kind: model.Kind(t.Kind), Name: t.Name, Size: t.Size, Align: max(t.Align, 0),
			Elem: model.TypeID(t.Elem), Len: t.Len,
			Bits: t.Bits, BitOffset: t.BitOffset, Signed: t.Signed, Char: t.Char, Bool: t.Bool,
			Linkage: model.Linkage(t.Linkage), Component: t.Component,
		}
		switch m.Kind {
		case model.KindEnum, model.KindEnum64:
			m.Signed = t.KindFlag
		case model.KindFwd:
			m.Union = t.KindFlag
		}
		if err := readItems(btf, model.TypeID(id), t.Vlen, m); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readItems copies the parts of a type: members, values, parameters or variables.
func readItems(btf *libbpf.BTF, id model.TypeID, n int, m *model.Type) error {
	switch m.Kind {
	case model.KindStruct, model.KindUnion, model.KindEnum, model.KindEnum64, model.KindFuncProto, model.KindDatasec:
	default: // vlen is not a number of items: for a function, it is the linkage
		return nil
	}
	for i := range n {
		it, err := btf.Item(uint32(id), i)
		if err != nil {
			return fmt.Errorf("BTF type %d, item %d: %w", id, i, err)
		}
		t := model.TypeID(it.Type)
		switch m.Kind {
		case model.KindStruct, model.KindUnion:
			m.Members = append(m.Members, model.Member{Name: it.Name, Type: t, BitOffset: it.Offset, BitSize: it.Size})
		case model.KindEnum, model.KindEnum64:
			m.Values = append(m.Values, model.EnumValue{Name: it.Name, Value: it.Value})
		case model.KindFuncProto:
			m.Params = append(m.Params, model.Param{Name: it.Name, Type: t})
		case model.KindDatasec:
			m.Vars = append(m.Vars, model.SecVar{Type: t, Offset: it.Offset, Size: it.Size})
		}
	}
	return nil
}
