package bpf

import (
	"unsafe"

	"github.com/bpfskel/bpfskel/pkg/mem"
	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// linkNameSize is the size of the buffer for a name; the longest is the path of a file.
const linkNameSize = 4096

// linkInfoHead is the start of struct bpf_link_info.
type linkInfoHead struct {
	kind           uapi.LinkType
	id, program, _ uint32
}

// The rest of struct bpf_link_info up to the fields that request a name, for each place
// in which a kind of link has them.
type (
	// Of raw tracepoints and iterators.
	linkNameFirst struct {
		_       linkInfoHead
		name    ptr64
		nameLen uint32
		_       uint32
	}
	// Of perf events, except those without a name.
	linkNamePerf struct {
		_       linkInfoHead
		_, _    uint32 // the kind of event
		name    ptr64
		nameLen uint32
		_       uint32
	}
	// Of uprobes: the path of their file.
	linkNameUprobes struct {
		_          linkInfoHead
		name       ptr64
		_          [3]ptr64 // offsets and the like
		nameLen, _ uint32
	}
)

// linkName asks for the name of a link, "" if its kind does not have one. known is how
// many bytes of info the kernel knows.
func linkName(fd int, c *linkInfo, known int) (string, error) {
	switch event := c.union.u32(0); {
	case c.kind == uapi.LinkTypeRawTracepoint || c.kind == uapi.LinkTypeIter:
		return getName(fd, known, func(at ptr64) *linkNameFirst { return &linkNameFirst{name: at, nameLen: linkNameSize} })
	case c.kind == uapi.LinkTypePerfEvent && event != perfUnknown && event != perfEvent:
		return getName(fd, known, func(at ptr64) *linkNamePerf { return &linkNamePerf{name: at, nameLen: linkNameSize} })
	case c.kind == uapi.LinkTypeUprobeMulti:
		return getName(fd, known, func(at ptr64) *linkNameUprobes { return &linkNameUprobes{name: at, nameLen: linkNameSize} })
	}
	return "", nil
}

// getName passes a buffer for a name to the kernel. An older kernel refuses a request
// that it does not know.
func getName[T any](fd, known int, request func(at ptr64) *T) (string, error) {
	buffer := make([]byte, linkNameSize)
	// SAFETY: the kernel writes at most linkNameSize bytes there; r keeps it.
	r := request(ptr64{p: mem.Of(buffer)})
	if known < int(unsafe.Sizeof(*r)) { // SAFETY: a size
		return "", nil
	}
	if _, errno := getInfo(fd, r); errno != 0 && errno != errNoSpace { // ENOSPC cuts the name
		return "", errno
	}
	return goString(buffer), nil
}
