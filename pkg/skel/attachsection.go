package skel

import (
	"errors"
	"strconv"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// attachBySection attaches a program as its section says.
func attachBySection(lp backend.Program) (backend.Link, error) {
	made, err := lp.Attach()
	if err != nil {
		return attachSectionFunctions(lp, err)
	}
	return made, nil
}

// attachSectionFunctions attaches a program to the functions that its section names, after
// libbpf's own attach failed with why. It also finds functions that libbpf does not find.
func attachSectionFunctions(lp backend.Program, why error) (backend.Link, error) {
	a := parseSection(lp.Section())
	if !errors.Is(why, syscall.ENOENT) || a.symbol == "" || a.method != methodUprobe && a.method != methodUprobeMulti {
		return nil, why
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(lp.Section(), "?"), "/")
	onReturn, session := strings.HasPrefix(kind, "uret"), strings.Contains(kind, ".session")
	if a.method == methodUprobeMulti {
		offsets, err := matchFunctions(a.path, a.symbol, why)
		if err != nil {
			return nil, err
		}
		return lp.AttachTo(backend.UprobeMulti{PID: libbpfPID(0), Path: a.path, Targets: backend.Targets{Locations: offsets, Return: onReturn, Session: session}})
	}
	_, text := cutOffset(a.target)
	offset, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 0, 63)
	if text != "" && err != nil {
		return nil, why
	}
	function, err := findFunction(a.path, a.symbol, why)
	if err != nil {
		return nil, err
	}
	return lp.AttachTo(backend.Uprobe{PID: libbpfPID(0), Path: a.path, Offset: function + offset, Return: onReturn})
}
