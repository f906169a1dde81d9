package skel

import "github.com/bpfskel/bpfskel/cgo/libbpf"

// RawProgram is the program beneath, for tests of what must not be done with it.
func RawProgram(p *Program) libbpf.Program { return p.lp }
