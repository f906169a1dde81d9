//go:build linux

package light

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/bpfskel/bpfskel/pkg/backend"
)

// uprobed is a function or an offset in a file.
type uprobed struct{ backend.Uprobe }

// namedUprobe is a uprobe whose function is a name even if it is "", not an offset in the
// file.
type namedUprobe struct{ backend.Uprobe }

func (t uprobed) attachBy(a *attempt) (*link, error)     { return a.uprobe(t.Uprobe, t.Function != "") }
func (t namedUprobe) attachBy(a *attempt) (*link, error) { return a.uprobe(t.Uprobe, true) }

// uprobe attaches to a function, if it is named, or else to an offset in the file.
func (a *attempt) uprobe(t backend.Uprobe, named bool) (*link, error) {
	p := &probe{
		source: "uprobe", place: t.Path, offset: t.Offset, onReturn: t.Return, pid: t.PID,
		refCounter: t.RefCounter, cookie: t.Cookie, mode: t.Mode,
	}
	archive, member, inArchive := strings.Cut(t.Path, "!/")
	var offset uint64
	var err error
	if inArchive {
		p.place = archive
	} else if p.place, err = a.resolvePath(t.Path); err != nil {
		return nil, err
	}
	switch {
	case named && inArchive:
		offset, err = a.functionOfMember(archive, member, t.Function)
	case named:
		offset, err = a.functionOfFile(p.place, t.Function)
	}
	if err != nil {
		return nil, err
	}
	p.offset += offset
	return a.attachProbe(p)
}

// functionOfFile returns the offset of a function in a file.
func (a *attempt) functionOfFile(path, function string) (uint64, error) {
	file, size, err := a.open("elf", path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return a.functionIn(file, size, path, function)
}

func (a *attempt) functionIn(file io.ReaderAt, size int64, path, function string) (uint64, error) {
	e, err := openELF(file, size)
	if err != nil {
		a.warn("elf: failed to get ehdr from %s: %v", path, err)
		return 0, err
	}
	offset, why, err := e.offset(path, function)
	if err != nil {
		a.warn("%s", why)
	}
	return offset, err
}

// functionOfMember returns the offset, in an archive, of a function of one of its files.
func (a *attempt) functionOfMember(path, member, function string) (uint64, error) {
	file, size, err := a.open("zip", path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	archive, err := openZip(file, size)
	if err != nil {
		a.warn("zip: failed to open %s: %v", path, err)
		return 0, err
	}
	start, size, err := archive.find(member)
	if err == errNotELF {
		a.warn("zip: entry %s of %s is compressed and cannot be handled", member, path)
		return 0, err
	} else if err != nil {
		a.warn("zip: could not find archive member %s in %s: %v", member, path, err)
		return 0, err
	}
	offset, err := a.functionIn(io.NewSectionReader(file, start, size), size, member, function)
	return uint64(start) + offset, err
}

// open opens a program or library ("elf") or an archive ("zip").
func (a *attempt) open(kind, path string) (*os.File, int64, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0) // a FIFO does not block
	if err != nil {
		a.warn("%s: failed to open %s: %v", kind, path, plain(err))
		return nil, 0, plain(err)
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = errNotELF
	}
	if err != nil {
		file.Close()
		a.warn("elf: could not read elf from %s: %v", path, plain(err))
		return nil, 0, plain(err)
	}
	return file, info.Size(), nil
}

// resolvePath returns the path of a program or library. It searches the standard folders for
// a name without a slash: those of libraries of this architecture, or of programs.
func (a *attempt) resolvePath(path string) (string, error) {
	if strings.Contains(path, "/") {
		return path, nil
	}
	const readable, executable = 4, 1
	mode := uint32(readable | executable)
	folders := []string{os.Getenv("PATH"), "/usr/bin:/usr/sbin"}
	if strings.HasSuffix(path, ".so") || strings.Contains(path, ".so.") {
		mode, folders = readable, []string{os.Getenv("LD_LIBRARY_PATH"), "/usr/lib64:/usr/lib", libraryFolders()}
	}
	for _, list := range folders {
		for folder := range strings.SplitSeq(list, ":") {
			file := folder + "/" + path
			if folder != "" && unix.Faccessat(unix.AT_FDCWD, file, mode, unix.AT_EACCESS) == nil {
				return file, nil
			}
		}
	}
	a.warn("prog '%s': failed to resolve full path for '%s': %v", a.name, path, unix.ENOENT)
	return "", unix.ENOENT
}

// libraryFolders are those of Debian for this architecture.
func libraryFolders() string {
	switch runtime.GOARCH {
	case "amd64":
		return "/lib/x86_64-linux-gnu"
	case "386":
		return "/lib/i386-linux-gnu"
	case "arm":
		return "/lib/arm-linux-gnueabihf:/lib/arm-linux-gnueabi"
	case "arm64":
		return "/lib/aarch64-linux-gnu"
	case "mips64le":
		return "/lib/mips64el-linux-gnuabi64"
	case "mipsle":
		return "/lib/mipsel-linux-gnu"
	case "ppc64le":
		return "/lib/powerpc64le-linux-gnu"
	case "riscv64", "s390x":
		return fmt.Sprintf("/lib/%s-linux-gnu", runtime.GOARCH)
	case "loong64":
		return "/lib/loongarch64-linux-gnu"
	}
	return ""
}
