//go:build linux && cgo

package libbpf

import "github.com/bpfskel/bpfskel/pkg/backend"

// The methods of a backend.Program for each kind of target call AttachTo.

// AttachTracepoint attaches the program to t.
func (p Program) AttachTracepoint(t backend.Tracepoint) (backend.Link, error) { return p.AttachTo(t) }

// AttachKprobe attaches the program to t.
func (p Program) AttachKprobe(t backend.Kprobe) (backend.Link, error) { return p.AttachTo(t) }

// AttachKprobeMulti attaches the program to t.
func (p Program) AttachKprobeMulti(t backend.KprobeMulti) (backend.Link, error) { return p.AttachTo(t) }

// AttachKsyscall attaches the program to t.
func (p Program) AttachKsyscall(t backend.Ksyscall) (backend.Link, error) { return p.AttachTo(t) }

// AttachUprobe attaches the program to t.
func (p Program) AttachUprobe(t backend.Uprobe) (backend.Link, error) { return p.AttachTo(t) }

// AttachUprobeMulti attaches the program to t.
func (p Program) AttachUprobeMulti(t backend.UprobeMulti) (backend.Link, error) { return p.AttachTo(t) }

// AttachUSDT attaches the program to t.
func (p Program) AttachUSDT(t backend.USDT) (backend.Link, error) { return p.AttachTo(t) }

// AttachFreplace attaches the program to t.
func (p Program) AttachFreplace(t backend.Freplace) (backend.Link, error) { return p.AttachTo(t) }
