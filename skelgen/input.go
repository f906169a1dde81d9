package main

import (
	"fmt"
	"io"
	"time"

	"github.com/bpfskel/bpfskel/cgo/guard"
	"github.com/bpfskel/bpfskel/skelgen/internal/load"
	"github.com/bpfskel/bpfskel/skelgen/internal/model"
)

// readLimit is how much CPU time libbpf may take for one object.
const readLimit = 8 * time.Second

// readObject loads an object, and survives what a damaged one does to libbpf.
func readObject(path string, opts load.Options) (obj *model.Object, err error) {
	guard.Call("skelgen: "+path, readLimit, func() { obj, err = load.File(path, opts) })
	return obj, err
}

// warn prints what the user should know although the command succeeds.
func warn(w io.Writer, path string, warnings []string) {
	for _, text := range warnings {
		fmt.Fprintf(w, "skelgen: %s: warning: %s\n", path, text)
	}
}
