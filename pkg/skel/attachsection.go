package skel

import (
	"errors"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// attachSectionFunctions attaches a program to the functions that its section names, after
// the back end's own attach failed with why. It also finds functions that libbpf does not
// find.
func (o *Object) attachSectionFunctions(lp backend.Program, why error) (backend.Link, error) {
	a, finder := parseSection(lp.Section()), o.spec.Functions
	if finder == nil || !errors.Is(why, syscall.ENOENT) || a.symbol == "" || a.method != methodUprobe && a.method != methodUprobeMulti {
		return nil, why
	}
	_, offset := cutOffset(a.target)
	return finder.Attach(lp, a.path, a.symbol, offset, why)
}
