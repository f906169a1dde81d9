//go:build cgo

package skel_test

import (
	"fmt"
	"log"

	"github.com/bpfskel/bpfskel/internal/test/skels/ops"
	"github.com/bpfskel/bpfskel/pkg/skel"
)

// Scalars and functions of a struct_ops are set before load.
func ExampleStructOps() {
	open, err := ops.Open()
	if err != nil {
		log.Fatal(err)
	}
	defer open.Close()
	first := open.StructOps.First
	clear(first.Name[:])
	copy(first.Name[:], "mine")
	if err := first.Init.Set(open.Progs.SecondInit); err != nil {
		log.Fatal(err)
	}
	fmt.Println(skel.CString(first.Name[:]), first.Init.IsSet(), open.StructOps.Second.Init.IsSet())
	// Output: mine true true
}
