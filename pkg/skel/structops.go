package skel

// StructOps is a struct_ops map: a set of functions that the kernel calls, such as
// a TCP congestion control or a scheduler. Attach, of it or of the whole skeleton,
// registers it; its link in Links unregisters it.
type StructOps struct {
	mapBase
}

// NewStructOps returns the map with the given index. It is for generated packages.
func NewStructOps(o *Object, m int) *StructOps { return &StructOps{newMapBase(o, m)} }

// Attach registers the functions and returns the link, which the skeleton owns
// too. (bpf_map__attach_struct_ops)
func (m *StructOps) Attach() (*Link, error) {
	if err := m.object.enterChange(); err != nil {
		return nil, err
	}
	defer m.object.leaveChange()
	made, err := m.lm.AttachStructOps()
	if err != nil {
		return nil, m.fail("attach", err)
	}
	return m.object.newLink("", m.name, made), nil
}

// UpdateMap makes a struct_ops link use another map's functions, in one step:
// those of a map with the same kind of struct, which must be declared with
// SEC(".struct_ops.link"). (bpf_link__update_map)
func (l *Link) UpdateMap(m *StructOps) error {
	if m.object != l.o {
		return l.fail("update", errInvalid)
	}
	if err := l.enter(); err != nil {
		return err
	}
	defer l.o.leaveChange()
	return l.fail("update", l.place.UpdateMap(m.lm))
}
