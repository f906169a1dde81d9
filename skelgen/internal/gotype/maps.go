package gotype

import (
	"fmt"

	"github.com/bpfskel/bpfskel/pkg/uapi"
	"github.com/bpfskel/bpfskel/skelgen/internal/ident"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// Map is one of the object's maps, as a generated package declares it.
type Map struct {
	// Field is the name of its field, "" for an internal map that has none in a C
	// skeleton either. Link is the name of its link's field, "" unless it is a struct_ops.
	Field, Link string
	// Key and Value are Go types: arrays of bytes if the map does not declare a type, or
	// declares one of another size. CValue is the C spelling of the value's type.
	Key, Value, CValue string
}

// maps describes the object's maps, and names their fields, links and programs.
func (b *builder) maps() {
	maps := make([]Map, len(b.obj.Maps))
	var fields, links namer
	for i := range b.obj.Programs {
		links.add(b.obj.Programs[i].Name, nil)
	}
	for i := range b.obj.Maps {
		m := &b.obj.Maps[i]
		maps[i].Key, maps[i].Value = b.mapType(m.KeyType, m.KeySize), b.mapType(m.ValueType, m.ValueSize)
		maps[i].CValue = cDecl(b.types, m.ValueType, "")
		if name, ok := ident.MapC(m.Name, m.Internal); ok {
			fields.add(name, &maps[i].Field)
		}
		if m.Type == uapi.MapTypeStructOps {
			links.add(m.Name, &maps[i].Link)
		}
	}
	fields.assign()
	b.out.Maps, b.out.Programs = maps, links.assign()[:len(b.obj.Programs)]
}

// namer assigns Go names to C names that share one scope.
type namer struct {
	cNames  []string
	targets []*string
}

func (n *namer) add(c string, to *string) {
	n.cNames, n.targets = append(n.cNames, c), append(n.targets, to)
}

func (n *namer) assign() []string {
	names := ident.NewScope().Add(n.cNames...)
	for i, to := range n.targets {
		if to != nil {
			*to = names[i]
		}
	}
	return names
}

// mapType is the Go type for a map's key or value of size bytes.
func (b *builder) mapType(id model.TypeID, size uint32) string {
	if id != 0 {
		if gt := b.goType(id); !gt.sizeless && gt.size == int(size) {
			b.out.Types[b.types.Skip(id, false)] = gt.expr
			return gt.expr
		}
	}
	return fmt.Sprintf("[%d]byte", size)
}
