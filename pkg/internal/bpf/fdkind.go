package bpf

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bpfskel/bpfskel/pkg/uapi"
)

// Kind is the kind of object behind a file descriptor.
type Kind uint8

// The kinds of file descriptor that functions take.
const (
	KindOther Kind = iota // none of those below
	KindMap
	KindProgram
	KindLink
	KindBTF
	KindPerfEvent
)

// kinds are the words for each kind, and the kernel's names of its anonymous files:
// "anon_inode:NAME".
var kinds = [...]struct{ text, file, oldFile string }{
	KindOther:     {text: "another file"},
	KindMap:       {"a map", "bpf-map", ""},
	KindProgram:   {"a program", "bpf-prog", ""},
	KindLink:      {"a link", "bpf-link", "bpf_link"},
	KindBTF:       {"BTF", "btf", ""},
	KindPerfEvent: {"a perf event", "[perf_event]", ""},
}

// String returns the kind in words, such as "a map".
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		k = KindOther
	}
	return kinds[k].text
}

// CheckKind returns an error that wraps EINVAL unless fd is of the wanted kind, and
// EBADF if it is not open. The kernel's own calls for info do not check it: asked for a
// map, they return the info of a program.
func CheckKind(fd int, want Kind) error {
	k, err := KindOf(fd)
	switch {
	case err != nil:
		return err
	case k != want:
		return fmt.Errorf("%w: file descriptor %d is %v, not %v", errInvalid, fd, k, want)
	}
	return nil
}

// KindOf returns the kind of fd. The error is EBADF if it is not open. Any user may
// read /proc; without /proc, KindOf requires the right to make calls on fd.
func KindOf(fd int) (Kind, error) {
	if fd < 0 || int(int32(fd)) != fd {
		return KindOther, errBadFD
	}
	file, err := readKernelLink("/proc/thread-self/fd/" + strconv.Itoa(fd))
	if err != nil {
		return kindByCalls(fd)
	}
	return kindByFile(file), nil
}

func kindByFile(file string) Kind {
	name, anonymous := strings.CutPrefix(file, "anon_inode:")
	for k, names := range kinds {
		if anonymous && (name == names.file || name == names.oldFile) && name != "" {
			return Kind(k)
		}
	}
	return KindOther
}

// kindByCalls determines the kind by calls that cannot succeed and change nothing: each
// fails with EINVAL unless fd is of the kind that it works on.
func kindByCalls(fd int) (Kind, error) {
	var info [8]byte
	switch _, errno := getInfo(fd, &info); errno {
	case 0:
	case errInvalid: // all BPF objects have info
		if isPerfEvent(fd) {
			return KindPerfEvent, nil
		}
		return KindOther, nil
	case errBadState: // this call's error for a descriptor that is not open
		return KindOther, errBadFD
	default:
		return KindOther, errno
	}
	// The key, or room for the value or the next key, is missing. Each of the two calls
	// returns EINVAL for some kind of map: an arena, or a queue.
	elems := NewElems(fd, MapShape{})
	if elems.Call(uapi.CmdMapLookupElem, nil, nil, 0) != errInvalid || elems.Call(uapi.CmdMapGetNextKey, nil, nil, 0) != errInvalid {
		return KindMap, nil
	}
	noFD := ^uint32(0)
	update := linkUpdateAttr{link: uint32(fd), replacement: noFD}
	if _, errno := callAttr(uapi.CmdLinkUpdate, &update); errno == errBadFD {
		return KindLink, nil // its new program is missing
	}
	bind := struct{ program, mapFD, flags uint32 }{program: uint32(fd), mapFD: noFD}
	if _, errno := callAttr(uapi.CmdProgBindMap, &bind); errno == errBadFD {
		return KindProgram, nil // the map is missing
	}
	noName := btfInfo{nameLen: 1} // an address is missing; before 5.11 there are no names
	switch _, errno := getInfo(fd, &noName); errno {
	case errInvalid, errTooBig:
		return KindBTF, nil
	}
	return KindOther, nil
}
