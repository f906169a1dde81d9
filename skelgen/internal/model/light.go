package model

// Light is what a light package needs beside the object's model: libbpf's loader, and
// what the run time has to know to use it. Its slices are parallel to those of Object.
type Light struct {
	// Insns and Blob are the loader and the bytes that it works on, in the object's
	// byte order. They do not depend on the machine that generates them.
	Insns, Blob []byte
	Maps        []LightMap
	Programs    []LightProgram
	// Kconfig are the variables of section .kconfig, by offset.
	Kconfig []KconfigVar
	// Typeless are the kernel symbols that the loader looks up in kallsyms. Those of
	// StrongSymbols must exist.
	Typeless, StrongSymbols []string
}

// LightMap is what a loader adds to a map.
type LightMap struct {
	// MaxEntries and InnerEntries are max_entries of the map and of its template, as
	// on a machine with pages of 4 KiB.
	MaxEntries, InnerEntries uint32
	// Image is the offset of a section's initial value in the blob, and ImageSize its
	// size; 0 if the map has none.
	Image, ImageSize uint32
	// Slots are the initial elements of a program array.
	Slots []LightSlot
}

// LightSlot is one initial element of a program array: Program is an index.
type LightSlot struct {
	Key     uint32
	Program int
}

// LightProgram is what a loader adds to a program.
type LightProgram struct {
	// NotInLoader is set if libbpf cannot load the program by a loader.
	NotInLoader bool
	// Target is the name that the loader looks up in the kernel's BTF, or "".
	Target string
}

// KconfigKind is libbpf's kind of a variable in section .kconfig.
type KconfigKind uint8

const (
	KconfigBool KconfigKind = iota
	KconfigTristate
	KconfigChar
	KconfigInt
	KconfigString
)

// KconfigVar is a variable of section .kconfig; Offset and Size are in bytes.
type KconfigVar struct {
	Name         string
	Kind         KconfigKind
	Offset, Size int
	Signed       bool
	Weak         bool
}
