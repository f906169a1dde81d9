// Package interop lets one program use a skeleton and
// github.com/aquasecurity/libbpfgo on the same BPF object, in either direction.
//
// Module makes a libbpfgo.Module of a loaded skeleton, for features that only libbpfgo
// has:
//
//	m, release, err := interop.Module(s)
//	if err != nil {
//		return err
//	}
//	defer release()
//	pb, err := m.InitPerfBuf("events", events, lost, 64)
//
// On makes a skeleton of an object that libbpfgo has opened, loaded or not:
//
//	m, err := libbpfgo.NewModuleFromFile("tool.bpf.o")
//	...
//	defer m.Close()
//	s, err := tool.OpenAndLoad(interop.On(m))
//	...
//	defer s.Close() // before m.Close
//
// Both use fields that libbpfgo does not export. The package compares libbpfgo's Module
// with the Module of v0.10, which it knows; if they differ, Module and an Open with On
// return ErrLayout.
//
// Only this package imports libbpfgo, which takes its cgo flags from the environment:
// build with the settings of "skelgen env".
//
// github.com/cilium/ebpf does not need a bridge: its ebpf.NewMapFromFD and
// ebpf.NewProgramFromFD take file descriptors, and own them. Pass them a copy
// (unix.FcntlInt with F_DUPFD_CLOEXEC) of a Map's or Program's FD. In the other
// direction, a *ebpf.Map is a skel.Descriptor, and skel.MapFromFD takes its FD.
package interop
