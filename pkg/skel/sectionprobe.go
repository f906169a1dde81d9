package skel

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
)

// attachSection attaches a program to the functions that its section names, as
// libbpf's own attach does, but finds those too that libbpf does not, which is why.
func attachSection(lp libbpf.Program, why error) (libbpf.Link, error) {
	a := sectionAttempt(lp.Section())
	if !errors.Is(why, syscall.ENOENT) || a.symbol == "" || a.way != wayUprobe && a.way != wayUprobeMulti {
		return libbpf.Link{}, why
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(lp.Section(), "?"), "/")
	onReturn, session := strings.HasPrefix(kind, "uret"), strings.Contains(kind, ".session")
	if a.way == wayUprobeMulti {
		offsets, err := matchFunctions(a.path, a.symbol, why)
		if err != nil {
			return libbpf.Link{}, err
		}
		return lp.AttachUprobeMulti(everyPID(0), a.path, "", libbpf.Targets{Where: offsets, Return: onReturn, Session: session})
	}
	_, plus := cutOffset(a.target)
	more, err := strconv.ParseUint(strings.TrimPrefix(plus, "+"), 0, 63)
	if plus != "" && err != nil {
		return libbpf.Link{}, why
	}
	offset, err := findFunction(a.path, a.symbol, why)
	if err != nil {
		return libbpf.Link{}, err
	}
	return lp.AttachUprobe(everyPID(0), a.path, "", offset+more, 0, 0, onReturn, int(ProbeDefault))
}

// attachRest is attachSection for a program that Attach left without a link.
func (o *Object) attachRest(index int, why error) error {
	made, err := attachSection(o.sk.Program(index), why)
	if err == nil {
		o.progPlaces[index].place.Put(made)
	}
	return err
}
