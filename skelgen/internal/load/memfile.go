package load

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/cgo/libbpf"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// memFile is a file in memory, for the functions of libbpf that read only files.
type memFile struct{ *os.File }

func newMemFile(data []byte) (memFile, error) {
	fd, err := unix.MemfdCreate("object", unix.MFD_CLOEXEC)
	if err != nil {
		return memFile{}, err
	}
	f := memFile{os.NewFile(uintptr(fd), "object")}
	if _, err := f.Write(data); err != nil {
		f.Close()
		return memFile{}, err
	}
	return f, nil
}

func (f memFile) path() string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// readTypes reads the BTF in the file unchanged. libbpf need not be able to open the
// object.
func (f memFile) readTypes() (model.Types, error) {
	btf, err := libbpf.LoadBTF(f.path())
	if err != nil {
		return nil, err
	}
	defer btf.Close()
	return readTypes(btf)
}

// relink returns the output of libbpf's linker for the object in the file.
func (f memFile) relink() (memFile, error) {
	out, err := newMemFile(nil)
	if err != nil {
		return memFile{}, err
	}
	if err := libbpf.LinkObjects(out.path(), f.path()); err != nil {
		out.Close()
		return memFile{}, err
	}
	_, err = out.Seek(0, io.SeekStart)
	return out, err
}
