package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/bpfskel/bpfskel/cgo/guard"
	"github.com/bpfskel/bpfskel/internal/lightfile"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// readLimit is how much CPU time libbpf may take for one object.
const readLimit = 8 * time.Second

// readObject loads an object, and survives a libbpf that crashes on a damaged one.
func readObject(path string, opts load.Options) (obj *model.Object, err error) {
	guard.Call("skelgen: "+path, readLimit, func() { obj, err = load.File(path, opts) })
	return obj, err
}

// readLoader writes the loader of an object, and survives a libbpf that crashes.
func readLoader(path string, obj *model.Object) (loader *model.Light, err error) {
	if err = load.CheckLight(obj); err == nil {
		guard.Call("skelgen: "+path, readLimit, func() { loader, err = load.Light(obj) })
	}
	if err != nil {
		return nil, withPath(path, err)
	}
	return loader, nil
}

func encodeLoader(obj *model.Object, loader *model.Light) []byte {
	if obj.BigEndian {
		return lightfile.Encode(binary.BigEndian, loader.Insns, loader.Blob)
	}
	return lightfile.Encode(binary.LittleEndian, loader.Insns, loader.Blob)
}

// isPipe reports whether an object comes from a pipe, such as /dev/stdin or a
// shell's <(command), which can be read only once and does not have a useful name. The
// name of a file that is read as /dev/stdin is unknown too.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	clean := filepath.Clean(path)
	return info.Mode()&fs.ModeNamedPipe != 0 || clean == "/dev/stdin" || strings.HasPrefix(clean, "/dev/fd/")
}

// warn prints warnings of a command that succeeds.
func warn(w io.Writer, path string, warnings []string) {
	for _, text := range warnings {
		fmt.Fprintf(w, "skelgen: %s: warning: %s\n", path, text)
	}
}
