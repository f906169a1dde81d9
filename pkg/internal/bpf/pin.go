package bpf

import "github.com/bpfskel/bpfskel/pkg/uapi"

// PinOptions are the options of Pin and OpenPin.
type PinOptions struct {
	Flags uapi.MapFlags // MapFlagReadOnly, MapFlagWriteOnly of a map; MapFlagPathFD
	DirFD int           // the folder that the path is relative to, with MapFlagPathFD
}

// pinAttr is union bpf_attr of BPF_OBJ_PIN and BPF_OBJ_GET.
type pinAttr struct {
	path      ptr64
	fd, flags uint32
	dirFD     int32
	_         uint32
}

// Pin keeps the object behind fd in the kernel under path, in a BPF file system
// (bpf_obj_pin_opts).
func Pin(fd int, path string, o PinOptions) error {
	attr, err := newPinAttr(path, o)
	if err != nil {
		return err
	}
	attr.fd = uint32(fd)
	_, errno := callAttr(uapi.CmdObjPin, &attr)
	return errnoError(errno)
}

// OpenPin opens the map, program or link that is pinned at path (bpf_obj_get_opts).
// KindOf returns its kind.
func OpenPin(path string, o PinOptions) (int, error) {
	attr, err := newPinAttr(path, o)
	if err != nil {
		return -1, err
	}
	return callAttrFD(uapi.CmdObjGet, &attr)
}

func newPinAttr(path string, o PinOptions) (pinAttr, error) {
	if path == "" {
		return pinAttr{}, errNotExist // the kernel's error for an empty path
	}
	at, err := cString(path)
	return pinAttr{path: at, flags: uint32(o.Flags), dirFD: int32(o.DirFD)}, err
}
