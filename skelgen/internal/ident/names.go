// Package ident decides names: a skeleton's C identifiers, derived as bpftool does, and
// their Go names, without collisions. It also refuses or escapes names that could
// change the meaning of generated text.
package ident

import (
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
)

// PackageNames are the exported names that every generated package declares for
// itself. "C" is cgo's.
var PackageNames = []string{
	"C", "Open", "OpenAndLoad", "Skel", "OpenSkel",
	"Maps", "OpenMaps", "Progs", "OpenProgs", "Links",
}

// MethodNames cannot be names of an accessor: go vet requires the standard library's
// signature for them, and fmt and errors would call them.
var MethodNames = []string{
	"As", "Error", "Format", "GoString", "GobDecode", "GobEncode", "Is", "MarshalJSON", "MarshalXML",
	"ReadByte", "ReadFrom", "ReadRune", "Scan", "Seek", "String", "UnmarshalJSON", "UnmarshalXML",
	"UnreadByte", "UnreadRune", "Unwrap", "WriteByte", "WriteTo",
}

// Package returns the Go package name for an object's file: the base name without
// ".bpf.o" (or ".o"), in lower case. A character that an import path cannot have becomes
// an underscore, except at the beginning, because Go ignores folders that begin with one.
// A name that cannot be imported gets the suffix "bpf".
//
//	minimal.bpf.o    minimal
//	My-Prog.bpf.o    my_prog
//	main.bpf.o       mainbpf
//	1st.bpf.o        x1st
func Package(file string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".o"), ".bpf")
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(base))
	name = strings.TrimLeft(name, "_")
	if name != "" && name[0] <= '9' {
		name = "x" + name
	}
	if !Importable(name) {
		name += "bpf"
	}
	return name
}

// windowsDevice are names that the go command refuses in import paths, because they
// are devices on Windows.
var windowsDevice = regexp.MustCompile(`(?i)^(aux|con|nul|prn|com[0-9]|lpt[0-9])$`)

// Importable reports whether other packages can import the package name, from a folder
// of that name whose files' names begin with it.
func Importable(name string) bool {
	switch name {
	case "main", "internal", "vendor", "testdata", "documentation":
		return false
	case "init": // which only functions can be called
		return false
	}
	return token.IsIdentifier(name) && !strings.HasSuffix(name, "_test") &&
		!strings.HasPrefix(name, "_") && // the go command ignores such files
		!windowsDevice.MatchString(name)
}
