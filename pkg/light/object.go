//go:build linux

package light

import (
	"io"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Object describes an object as libbpf opened it, before load, in libbpf's order. Its
// indices are positions in Maps and Programs. Generated packages make it.
type Object struct {
	Maps     []Map
	Programs []Program
	// Kconfig is section .kconfig, nil if the object has none.
	Kconfig KconfigSection
	// StrongSymbols are the typeless kernel symbols (__ksym without __weak) that the
	// object cannot be without. In the loader all typeless symbols are weak, because
	// libbpf would look strong ones up on the machine that generates it.
	StrongSymbols []string

	// The other fields are functions of this package, named only if the object needs them,
	// so that the linker leaves out the rest.

	Kprobes Sections // for sections of kprobes and system calls: Kprobes
	Uprobes Sections // for sections of uprobes: Uprobes
	// Types is FindType if the loader looks up types of the kernel.
	Types func(l *loading, m *machine, name string, kind uapi.BTFKind) int64
	// Symbols is FindSymbol if the loader looks up symbols of the kernel.
	Symbols func(l *loading, name string) (address uint64, result int64)
}

// Sections reads a program's section of some kinds, which the text before the slash is, and
// returns the target that it names.
type Sections func(p *progInfo, kind, rest string) (target any, err error)

// Map is one map. Sizes are in bytes.
type Map struct {
	Name                           string
	Type                           uapi.MapType
	KeySize, ValueSize, MaxEntries uint32
	Flags                          uapi.MapFlags
	NUMANode                       uint32
	Extra                          uint64
	KeyType, ValueType             uint32 // ids of types in the object's BTF
	PinByName                      bool   // LIBBPF_PIN_BY_NAME
	Section                        Section
	// Image is the section's initial value: ImageSize bytes at Image in the blob.
	Image, ImageSize uint32
	// Inner is the template of a map of maps.
	Inner *Map
	// Slots are the initial elements of a program array; the loader does not set them.
	// The elements of a map of maps are set by the loader.
	Slots []Slot
}

// Section is the kind of data section that a map holds.
type Section uint8

// Kinds of section.
const (
	NoSection      Section = iota // an ordinary map
	SectionData                   // .data and the like, .bss
	SectionRodata                 // frozen after load
	SectionKconfig                // filled in by load, and frozen
)

// Slot is an element of a program array.
type Slot struct {
	Key     uint32
	Program int
}

// Program is one program.
type Program struct {
	Name, Section string // Section without '?'
	Type          uapi.ProgType
	AttachType    uapi.AttachType
	Flags         uapi.ProgFlags
	// NoAutoload is set for a program whose section begins with '?'.
	NoAutoload bool
	// NotInLoader is set for a program that libbpf cannot write a loader for; it cannot
	// be loaded at all. Such programs have NoAutoload.
	NotInLoader bool
	// Target is the name that the loader looks up in the kernel's BTF before it loads the
	// program, such as "btf_trace_sched_switch"; "" if the program has no such target.
	Target string
}

// KconfigSection is a *KconfigVariables.
type KconfigSection interface{ fill(*loading) error }

// KconfigVariables are the variables of section .kconfig.
type KconfigVariables struct {
	List []Kconfig
	// Open opens the configuration of the running kernel, whose release is given, as text:
	// kernelconfig.Open.
	Open func(release string) (io.ReadCloser, error)
}

// Kconfig is a variable of section .kconfig, which load fills in from the kernel's
// configuration.
type Kconfig struct {
	Name         string // CONFIG_HZ, LINUX_KERNEL_VERSION
	Kind         KconfigKind
	Offset, Size uint32 // in the section, in bytes
	Signed       bool   // an integer that may be negative
	Weak         bool   // may be absent from the configuration, and then is 0
}

// KconfigKind is libbpf's kind of a .kconfig variable, which its C type determines.
type KconfigKind uint8

// Kinds of .kconfig variable.
const (
	KconfigBool     KconfigKind = iota // bool
	KconfigTristate                    // enum libbpf_tristate
	KconfigChar                        // char
	KconfigInt                         // an integer of 1 to 8 bytes
	KconfigString                      // an array of char
)
