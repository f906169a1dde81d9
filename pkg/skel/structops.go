package skel

// StructOps is a struct_ops map: a set of functions that the kernel calls, such as a
// TCP congestion control or a scheduler. Its own Attach, or Attach of the skeleton,
// registers it; its link in Links unregisters it. Before load its scalars and functions
// are set in OpenSkel.StructOps.
type StructOps struct {
	mapBase
}

func (m *StructOps) bind(o *Object, i int) {
	m.mapBase = newMapBase(o, i)
	m.require(shape{goType: "StructOps", key: noSize, value: noSize})
}

// Attach registers the functions and returns the link, which the skeleton owns too. The
// error is usually EEXIST if the name is taken, and EBUSY if a map of section
// ".struct_ops" was registered before: it can be registered only once, but a map of
// ".struct_ops.link" may be attached again. (bpf_map__attach_struct_ops)
func (m *StructOps) Attach() (*Link, error) {
	if err := m.base().object.beginChange(); err != nil {
		return nil, err
	}
	defer m.base().object.endChange()
	made, err := m.base().lm.Attach()
	if err != nil {
		return nil, m.base().fail("attach", err)
	}
	return m.base().object.registerLink("", m.base().name, made), nil
}
