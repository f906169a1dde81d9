package lighttest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"syscall"

	"github.com/bpfskel/bpfskel/pkg/backend"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// A verdict is how far an object gets by a back end: lines of text, of which the first
// says "open", "load", "attach" or "attached".
type verdict string

func (v verdict) step() string {
	step, _, _ := strings.Cut(string(v), ":")
	step, _, _ = strings.Cut(step, "\n")
	return step
}

// judge opens the object by a back end, changes it, loads and attaches it.
func (o *object) judge(b backend.Backend, change func(*opened) error) verdict {
	open, err := o.open(b)
	if err != nil {
		return "open: " + describe(err)
	}
	defer open.Close()
	if err := change(open); err != nil {
		return "open: " + describe(err)
	}
	loaded, err := open.Load()
	if err != nil {
		return "load: " + describe(err)
	}
	defer loaded.Close()
	var b1 strings.Builder
	for _, m := range filled[skel.RawMap](loaded, &o.spec, len(o.spec.Maps)) {
		b1.WriteString(o.describeMap(m) + "\n")
	}
	for _, p := range filled[skel.Program](loaded, &o.spec, len(o.spec.Programs)) {
		b1.WriteString(describeProgram(p) + "\n")
	}
	result := verdict("attached")
	if err := loaded.Attach(); err != nil {
		result = "attach: " + describe(err)
	}
	for _, l := range filled[skel.Link](loaded, &o.spec, len(o.spec.Programs)) {
		b1.WriteString(describeLink(l) + "\n")
	}
	return result + "\n" + verdict(b1.String())
}

// describe says which part failed, and why.
func describe(err error) verdict {
	cause := "no errno"
	var errno syscall.Errno
	var code skel.Code
	switch {
	case errors.As(err, &errno):
		cause = errno.Error()
	case errors.As(err, &code):
		cause = code.Error()
	}
	var v *skel.VerifierError
	var e *skel.Error
	switch {
	case errors.As(err, &v):
		return verdict(fmt.Sprintf("the verifier rejected program %s: %s", v.Program, cause))
	case errors.As(err, &e):
		return verdict(fmt.Sprintf("%s, map %q, program %q, target %q, extern %q: %s", e.Op, e.Map, e.Program, e.Target, e.Extern, cause))
	}
	return verdict(err.Error())
}

// describeMap says what the kernel knows of a map, and what is in a section.
func (o *object) describeMap(m *skel.RawMap) string {
	info, err := m.Info()
	if err != nil {
		return fmt.Sprintf("map %s: %s", m.Name(), describe(err))
	}
	info.ID, info.BTFID = 0, min(info.BTFID, 1)
	text := fmt.Sprintf("map %s: %+v", m.Name(), info)
	for i := range o.model.Maps {
		if o.model.Maps[i].Name != m.Name() || !o.model.Maps[i].Internal {
			continue
		}
		value, err := m.Lookup(make([]byte, 4))
		text += fmt.Sprintf(", contents %08x %v", crc32.ChecksumIEEE(value), err)
		if len(value) < 64 {
			text += fmt.Sprintf(" %x", value)
		}
	}
	return text
}

// describeProgram says what the kernel knows of a program. The tag is a hash of the
// instructions after CO-RE.
func describeProgram(p *skel.Program) string {
	if p.FD() < 0 {
		return fmt.Sprintf("program %s: not loaded", p.Name())
	}
	info, err := p.Info()
	if err != nil {
		return fmt.Sprintf("program %s: %s", p.Name(), describe(err))
	}
	return fmt.Sprintf("program %s: %s %v, tag %x, %d maps, %d bytes, %d functions, %d lines, %d verified, GPL %v, BTF %v, attached to %d %d",
		p.Name(), info.Name, info.Type, info.Tag, len(info.MapIDs), info.XlatedBytes, info.Functions, info.Lines, info.Verified, info.GPL,
		info.BTFID != 0, info.AttachObject, info.AttachBTF)
}

func describeLink(l *skel.Link) string {
	if !l.Attached() {
		return "no link"
	}
	info, err := l.Info()
	if err != nil {
		return fmt.Sprintf("a link without information: %s", describe(err))
	}
	info.ID, info.ProgramID, info.TargetObject = 0, 0, min(info.TargetObject, 1)
	return fmt.Sprintf("a link: %+v", info)
}
